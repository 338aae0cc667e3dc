/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OI_scrub: what the kernel's object-index scrub last did, and what it will do at the next mount
 * (format notes, section 14).
 */
#ifndef HS_LUSTRE_OISCRUB_H
#define HS_LUSTRE_OISCRUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HS_OISCRUB_SIZE	    400
#define HS_OISCRUB_MAGIC_V1 0x4c5fd252u
#define HS_OISCRUB_MAGIC_V2 0x4c5fe253u

enum hs_oiscrub_flags {
	HS_OISCRUB_RECREATED = 1,
	HS_OISCRUB_INCONSISTENT = 2,
	HS_OISCRUB_AUTO = 4,
	HS_OISCRUB_UPGRADE = 8,
};

enum hs_oiscrub_status {
	HS_OISCRUB_INIT,
	HS_OISCRUB_SCANNING,
	HS_OISCRUB_COMPLETED,
	HS_OISCRUB_FAILED,
	HS_OISCRUB_STOPPED,
	HS_OISCRUB_PAUSED,
	HS_OISCRUB_CRASHED,
};

struct hs_oiscrub {
	uint8_t uuid[16]; /* of the superblock it was written for */
	uint64_t flags;
	uint32_t magic;
	uint16_t status;
	uint16_t param;
	int64_t last_complete, latest_start, last_checkpoint;		   /* seconds since 1970 */
	uint64_t pos_latest_start, pos_last_checkpoint, pos_first_failure; /* inode numbers */
	uint64_t checked, updated, failed, updated_prior;
	uint32_t run_time; /* seconds */
	uint32_t success_count;
	uint16_t oi_count;	/* 0 with the v1 magic, which does not tell */
	uint8_t recreated[128]; /* bit per OI file */
};

/* False when too short or of an unknown magic: the kernel starts such a file anew. */
bool hs_oiscrub_decode(const uint8_t *buf, size_t len, struct hs_oiscrub *out);

/*
 * Makes the kernel check and mend every record of the object index at the next mount. The file is
 * changed if it is a sound one of this file system with the newer magic; else it is made anew for
 * `oi_count` index files.
 */
void hs_oiscrub_request(uint8_t buf[HS_OISCRUB_SIZE], size_t len, const uint8_t uuid[16],
			uint16_t oi_count);

#endif
