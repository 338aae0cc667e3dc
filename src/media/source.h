/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is to be read of one device, as a source of requests with a position.
 *
 * A map names the used extents in order of their place on the device. Extents closer together than
 * a limit become one request, the gap between them is read along: for most devices a seek, or a
 * command, costs more. A request never exceeds a limit either.
 */
#ifndef HS_MEDIA_SOURCE_H
#define HS_MEDIA_SOURCE_H

#include <stdbool.h>

#include "media/bad.h"
#include "work/pipeline.h"

/*
 * The used extents of a device. Implementations embed this as their first member. next() finds the
 * first extent that ends behind `from`: 1, 0 when there is none, or -errno. It may begin before
 * `from`. Extents may overlap, and change while they are read.
 */
struct hs_media_map {
	int (*next)(struct hs_media_map *map, uint64_t from, struct hs_media_range *out);
};

struct hs_media_request {
	struct hs_media_range range;
	uint64_t used; /* bytes of it that extents cover; the rest is bridged */
};

/* Which device a position belongs to: anything that no other device has. */
#define HS_MEDIA_ID_SIZE 32

struct hs_media_source {
	struct hs_source src; /* items: struct hs_media_request; units: used bytes */
	struct hs_media_map *map;
	uint8_t id[HS_MEDIA_ID_SIZE];
	uint64_t size;	/* of the device; what lies behind is not asked for */
	uint64_t gap;	/* gaps of less than this many bytes are bridged; 0: none */
	uint64_t limit; /* bytes of the largest request, a multiple of `block` */
	uint32_t block; /* requests begin and end at multiples of it */
	uint64_t at;	/* everything before has been handed out */
	uint64_t done;
	bool cut;  /* an extent reaches beyond the end of the device */
	bool have; /* `ahead` holds what the map said last */
	struct hs_media_range ahead;
};

/*
 * The caller has set map, id, size, gap, limit (not 0), block (a power of two), src.name and
 * src.total; all else is set here.
 */
void hs_media_source_init(struct hs_media_source *s);

#endif
