/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media/source.h"

#include <string.h>

/*
 * The next used extent behind `from`, clipped to [from, size) and rounded out to whole blocks: 1,
 * 0 at the end, or -errno. It is kept in `ahead` until something of it is handed out.
 */
static int look(struct hs_media_source *s, uint64_t from)
{
	struct hs_media_range r;
	uint64_t end;
	int rc;

	if (s->have)
		return 1;
	if (from >= s->size)
		return 0;
	rc = s->map->next(s->map, from, &r);
	if (rc <= 0)
		return rc;
	if (r.len == 0 || __builtin_add_overflow(r.start, r.len, &end) || end <= from)
		return -EPROTO;
	if (end > s->size) {
		s->cut = true;
		end = s->size;
	}
	r.start &= ~(uint64_t)(s->block - 1);
	if (r.start < from)
		r.start = from;
	if (end & (s->block - 1) && s->size - end >= s->block - (end & (s->block - 1)))
		end += s->block - (end & (s->block - 1));
	if (r.start >= end)
		return 0; /* all of it lies behind the end of the device */
	s->ahead = (struct hs_media_range){r.start, end - r.start};
	s->have = true;
	return 1;
}

static uint64_t end_of(const struct hs_media_range *r)
{
	return r->start + r->len;
}

/* Takes what fits of the extent ahead into a request that ends at or before its start. */
static void join(struct hs_media_source *s, struct hs_media_request *req)
{
	uint64_t room = s->limit - (s->ahead.start - req->range.start);
	uint64_t n = s->ahead.len < room ? s->ahead.len : room;

	req->range.len = s->ahead.start + n - req->range.start;
	req->used += n;
	s->ahead.start += n;
	s->ahead.len -= n;
	s->have = s->ahead.len > 0;
}

static int next(struct hs_source *src, void *item)
{
	struct hs_media_source *s = (struct hs_media_source *)src;
	struct hs_media_request *req = item;
	int rc = look(s, s->at);

	if (rc == 0)
		s->at = s->size; /* the position of one that has come to its end */
	if (rc <= 0)
		return rc;
	*req = (struct hs_media_request){.range = {s->ahead.start, 0}};
	do {
		join(s, req);
		rc = look(s, end_of(&req->range));
		if (rc < 0)
			return rc;
	} while (rc && s->ahead.start - req->range.start < s->limit &&
		 (s->ahead.start == end_of(&req->range) ||
		  s->ahead.start - end_of(&req->range) < s->gap));
	s->at = end_of(&req->range);
	s->done += req->used;
	return 1;
}

static void tell(const struct hs_source *src, struct hs_position *pos)
{
	const struct hs_media_source *s = (const struct hs_media_source *)src;

	memset(pos, 0, sizeof(*pos));
	pos->done = s->done;
	memcpy(pos->cookie, s->id, sizeof(s->id));
	memcpy(pos->cookie + sizeof(s->id), &s->at, sizeof(s->at));
}

static errint_t seek(struct hs_source *src, const struct hs_position *pos)
{
	struct hs_media_source *s = (struct hs_media_source *)src;
	uint64_t at;

	memcpy(&at, pos->cookie + sizeof(s->id), sizeof(at));
	if (memcmp(pos->cookie, s->id, sizeof(s->id)) || (at & (s->block - 1) && at != s->size))
		return -EINVAL;
	s->at = at;
	s->done = pos->done;
	s->have = false;
	return 0;
}

static const struct hs_source_ops source_ops = {.next = next, .tell = tell, .seek = seek};

void hs_media_source_init(struct hs_media_source *s)
{
	s->src.ops = &source_ops;
	s->src.item_size = sizeof(struct hs_media_request);
	s->at = s->done = 0;
	s->cut = s->have = false;
}
