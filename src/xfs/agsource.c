/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "xfs/agsource.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a position's cookie holds. */
struct cookie {
	uint64_t ino;
	uint32_t agno;
	uint32_t ended;
};

_Static_assert(sizeof(struct cookie) <= sizeof(((struct hs_position *)0)->cookie), "cookie");

static errint_t fetch(struct hs_xfs_ag_source *s)
{
	uint64_t next = s->next_ino;
	struct hs_xfs_bulk_head *head;
	errint_t rc;

	if (!s->buf)
		s->buf = malloc(sizeof(*s->buf));
	if (!s->buf)
		return -ENOMEM;
	head = &s->buf->head;
	*head = (struct hs_xfs_bulk_head){.ino = s->next_ino,
					  .icount = HS_XFS_INUMBERS_BATCH,
					  .agno = s->agno,
					  .flags = HS_XFS_BULK_AGNO};
	s->at = s->n = 0;
	rc = s->fs->kernel->ops->inumbers(s->fs->kernel, s->fs->fd, head, s->buf->recs);
	if (rc)
		return rc;
	s->n = head->ocount < HS_XFS_INUMBERS_BATCH ? head->ocount : HS_XFS_INUMBERS_BATCH;
	for (unsigned i = 0; i < s->n; i++) {
		uint64_t ino = s->buf->recs[i].startino;

		/*
		 * A chunk begun again in the middle is told from its start. Anything else that
		 * does not go up would have us go round in circles.
		 */
		if (hs_xfs_ino_agno(s->fs, ino) != s->agno ||
		    (ino < next && !(i == 0 && next - ino < HS_XFS_CHUNK_INODES))) {
			s->n = 0;
			return -EUCLEAN;
		}
		next = ino + HS_XFS_CHUNK_INODES;
	}
	s->next_ino = next;
	s->ended = s->n == 0;
	return 0;
}

void hs_xfs_ag_source_release(struct hs_xfs_ag_source *s)
{
	free(s->buf);
	s->buf = NULL;
	s->at = s->n = 0;
}

static int ag_next(struct hs_source *src, void *item)
{
	struct hs_xfs_ag_source *s = (struct hs_xfs_ag_source *)src;

	for (;;) {
		if (s->at == s->n) {
			errint_t rc = s->ended ? 0 : fetch(s);

			if (rc)
				return rc;
			if (s->ended) {
				hs_xfs_ag_source_release(s);
				return 0;
			}
		}
		while (s->at < s->n) {
			const struct hs_xfs_inogrp *g = &s->buf->recs[s->at++];

			/* with more than 64 inodes a block there are chunks without any */
			if (g->allocmask == 0)
				continue;
			s->done += (uint64_t)__builtin_popcountll(g->allocmask);
			memcpy(item, g, sizeof(*g));
			return 1;
		}
	}
}

static void ag_tell(const struct hs_source *src, struct hs_position *pos)
{
	const struct hs_xfs_ag_source *s = (const struct hs_xfs_ag_source *)src;
	struct cookie c = {.ino = s->at < s->n ? s->buf->recs[s->at].startino : s->next_ino,
			   .agno = s->agno,
			   .ended = s->ended};

	memset(pos, 0, sizeof(*pos));
	pos->done = s->done;
	memcpy(pos->cookie, &c, sizeof(c));
}

static errint_t ag_seek(struct hs_source *src, const struct hs_position *pos)
{
	struct hs_xfs_ag_source *s = (struct hs_xfs_ag_source *)src;
	struct cookie c;

	memcpy(&c, pos->cookie, sizeof(c));
	if (c.agno != s->agno || c.ended > 1)
		return -EINVAL;
	/* one past the last inode of an AG may be the first number of the next */
	if (!c.ended && hs_xfs_ino_agno(s->fs, c.ino ? c.ino - 1 : 0) != s->agno &&
	    hs_xfs_ino_agno(s->fs, c.ino) != s->agno)
		return -EINVAL;
	hs_xfs_ag_source_release(s);
	s->next_ino = c.ino;
	s->ended = c.ended;
	s->done = pos->done;
	return 0;
}

static const struct hs_source_ops ag_source_ops = {
	.next = ag_next,
	.tell = ag_tell,
	.seek = ag_seek,
};

void hs_xfs_ag_source_init(struct hs_xfs_ag_source *s, const struct hs_xfs_fs *fs, uint32_t agno)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->name, sizeof(s->name), "inodes of AG %u", agno);
	s->src = (struct hs_source){
		.ops = &ag_source_ops, .name = s->name, .item_size = sizeof(struct hs_xfs_inogrp)};
	s->fs = fs;
	s->agno = agno;
	s->next_ino = (uint64_t)agno << fs->agino_log;
}
