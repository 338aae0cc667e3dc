/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ext4 orphan list: inodes whose deletion or truncation the next mount finishes. Two forms: a
 * chain from the superblock through i_dtime, and (feature orphan_file) a file of inode numbers.
 * What is damaged ends the list; a cycle is met after at most twice its length.
 */
#include "ldiskfs/fs_priv.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/bytes.h"
#include "ldiskfs/file.h"

#define ORPHAN_MAGIC	0x0b10ca04u
#define ORPHAN_TAIL	8u /* magic and checksum at the end of each block */
#define ORPHAN_FILE_MAX (64u << 20)

static int compare_ino(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static errint_t add(struct hs_fs *fs, uint32_t ino)
{
	errint_t err = hs_array_grow(&fs->orphans, &fs->orphans_room, fs->n_orphans + 1);

	if (!err)
		fs->orphans[fs->n_orphans++] = ino;
	return err;
}

static errint_t load_chain(struct hs_fs *fs, uint32_t ino, uint8_t *raw)
{
	uint32_t mark = 0;
	size_t next_mark = 1;
	errint_t err;

	while (ino) {
		struct hs_inode inode;

		if (ino > fs->geo.inodes || ino == mark || hs_inode_read(fs, ino, raw, &inode)) {
			hs_log(fs->log, HS_LOG_WARN,
			       "%s: the orphan list is damaged after %zu inodes", fs->io->name,
			       fs->n_orphans);
			return 0;
		}
		err = add(fs, ino);
		if (err)
			return err;
		if (fs->n_orphans == next_mark) {
			mark = ino;
			next_mark *= 2;
		}
		ino = inode.dtime;
	}
	return 0;
}

static errint_t load_file(struct hs_fs *fs, uint32_t ino, uint8_t *raw)
{
	uint32_t bs = fs->geo.block_size;
	struct hs_inode inode;
	uint8_t *block;
	errint_t err = 0;

	if (hs_inode_read(fs, ino, raw, &inode) || inode.size > ORPHAN_FILE_MAX) {
		hs_log(fs->log, HS_LOG_WARN, "%s: the orphan file cannot be read", fs->io->name);
		return 0;
	}
	block = malloc(bs);
	if (!block)
		return -ENOMEM;
	for (uint64_t off = 0; !err && off + bs <= inode.size; off += bs) {
		size_t got;

		if (hs_file_pread(fs, &inode, block, bs, off, &got) || got != bs ||
		    hs_get_le32(block + bs - ORPHAN_TAIL) != ORPHAN_MAGIC) {
			hs_log(fs->log, HS_LOG_WARN,
			       "%s: block %" PRIu64 " of the orphan file is damaged", fs->io->name,
			       off / bs);
			continue;
		}
		for (uint32_t i = 0; !err && i < bs - ORPHAN_TAIL; i += 4) {
			uint32_t orphan = hs_get_le32(block + i);

			if (orphan && orphan <= fs->geo.inodes)
				err = add(fs, orphan);
		}
	}
	free(block);
	return err;
}

errint_t hs_orphans_load(struct hs_fs *fs, uint32_t first, uint32_t orphan_file)
{
	uint8_t *raw;
	errint_t err;

	if (!first && !orphan_file)
		return 0;
	raw = malloc(fs->geo.inode_size);
	if (!raw)
		return -ENOMEM;
	err = load_chain(fs, first, raw);
	if (!err && orphan_file)
		err = load_file(fs, orphan_file, raw);
	free(raw);
	if (fs->n_orphans)
		qsort(fs->orphans, fs->n_orphans, sizeof(*fs->orphans), compare_ino);
	return err;
}

bool hs_fs_on_orphan_list(const struct hs_fs *fs, uint32_t ino)
{
	return fs->n_orphans &&
	       bsearch(&ino, fs->orphans, fs->n_orphans, sizeof(*fs->orphans), compare_ino);
}
