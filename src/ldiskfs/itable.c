/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inode tables as a source of chunks, group by group, which is disk order (flex groups keep
 * their tables side by side).
 */
#include "ldiskfs/itable.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "ldiskfs/fs_priv.h"

/* The cookie of a position: what it belongs to, and the next inode. */
enum {
	COOKIE_INO = 0,
	COOKIE_INODES = 4,
	COOKIE_UUID = 8,
	COOKIE_END = 24,
};

struct itable_source {
	struct hs_source src;
	const struct hs_fs *fs;
	uint32_t group;
	uint32_t index; /* in the group */
	uint64_t done;
};

/* Steps over groups that have nothing left. */
static void settle(struct itable_source *s)
{
	while (s->group < s->fs->geo.groups && s->index >= s->fs->groups[s->group].inodes) {
		s->group++;
		s->index = 0;
	}
}

static int itable_next(struct hs_source *src, void *item)
{
	struct itable_source *s = (struct itable_source *)src;
	const struct hs_fs_geo *geo = &s->fs->geo;
	struct hs_itable_chunk *chunk = item;
	uint32_t left, len;

	settle(s);
	if (s->group == geo->groups)
		return 0;
	left = s->fs->groups[s->group].inodes - s->index;
	chunk->count = HS_ITABLE_CHUNK / geo->inode_size;
	if (chunk->count > left)
		chunk->count = left;
	len = chunk->count * geo->inode_size;
	chunk->len = (len + geo->block_size - 1) & ~(geo->block_size - 1);
	chunk->off = (s->fs->groups[s->group].inode_table << s->fs->block_shift) +
		     (uint64_t)s->index * geo->inode_size;
	chunk->group = s->group;
	chunk->first_ino = s->group * geo->inodes_per_group + s->index + 1;
	s->index += chunk->count;
	s->done += chunk->count;
	return 1;
}

static void itable_tell(const struct hs_source *src, struct hs_position *pos)
{
	const struct itable_source *s = (const struct itable_source *)src;
	const struct hs_fs_geo *geo = &s->fs->geo;

	memset(pos, 0, sizeof(*pos));
	pos->done = s->done;
	/* One more than the last inode when the end is reached, which may not fit 32 bits: 0. */
	hs_put_le32(pos->cookie + COOKIE_INO,
		    s->group == geo->groups ? 0 : s->group * geo->inodes_per_group + s->index + 1);
	hs_put_le32(pos->cookie + COOKIE_INODES, geo->inodes);
	memcpy(pos->cookie + COOKIE_UUID, geo->uuid, sizeof(geo->uuid));
}

static errint_t itable_seek(struct hs_source *src, const struct hs_position *pos)
{
	struct itable_source *s = (struct itable_source *)src;
	const struct hs_fs_geo *geo = &s->fs->geo;
	uint32_t ino = hs_get_le32(pos->cookie + COOKIE_INO);
	uint32_t group = geo->groups, index = 0;
	uint64_t done = 0;

	if (hs_get_le32(pos->cookie + COOKIE_INODES) != geo->inodes ||
	    memcmp(pos->cookie + COOKIE_UUID, geo->uuid, sizeof(geo->uuid)) || ino > geo->inodes)
		return -EINVAL;
	if (ino) {
		group = (ino - 1) / geo->inodes_per_group;
		index = (ino - 1) % geo->inodes_per_group;
		if (index * geo->inode_size % geo->block_size)
			return -EINVAL;
	}
	for (uint32_t g = 0; g < group; g++)
		done += s->fs->groups[g].inodes;
	if (group < geo->groups)
		done += index < s->fs->groups[group].inodes ? index : s->fs->groups[group].inodes;
	s->group = group;
	s->index = index;
	s->done = done;
	return 0;
}

static const struct hs_source_ops itable_ops = {
	.next = itable_next,
	.tell = itable_tell,
	.seek = itable_seek,
};

errint_t hs_itable_source_new(const struct hs_fs *fs, struct hs_source **out)
{
	struct itable_source *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		return -ENOMEM;
	s->src.ops = &itable_ops;
	s->src.name = "itable";
	s->src.item_size = sizeof(struct hs_itable_chunk);
	for (uint32_t g = 0; g < fs->geo.groups; g++)
		s->src.total += fs->groups[g].inodes;
	s->fs = fs;
	*out = &s->src;
	return 0;
}

void hs_itable_source_free(struct hs_source *src)
{
	free(src);
}
