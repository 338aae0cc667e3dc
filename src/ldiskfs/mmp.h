/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Multiple mount protection: the block in which whoever uses a file system that several servers
 * can reach says so (ext4 on-disk format, struct mmp_struct). While it is held the sequence number
 * is the one fsck uses: no server mounts such a target.
 */
#ifndef HS_LDISKFS_MMP_H
#define HS_LDISKFS_MMP_H

#include "base/strbuf.h"
#include "io/io.h"

struct hs_mmp;

struct hs_mmp_params {
	struct hs_io *device; /* read past the page cache: the bottom of the stack */
	struct hs_io *io;     /* written through this one, the undo layer */
	const char *holder;   /* who says so: the name of the run, at most 20 bytes count */
	void (*wait)(void *arg, unsigned seconds); /* NULL: sleeps */
	void *arg;
};

/*
 * Takes the protection of the file system with this superblock (1024 bytes); *out is NULL where the
 * feature is off. Waits for some multiple of the update interval as ext4 prescribes, at least 11
 * seconds. -EBUSY when another server or fsck has it, with its name in `why`. What the same run
 * left behind on this machine when it was killed is taken over at once.
 */
errint_t hs_mmp_claim(const struct hs_mmp_params *p, const uint8_t super[1024], struct hs_mmp **out,
		      struct hs_strbuf *why);

/* Before each transaction: -EBUSY when the block is not as we left it. NULL is allowed. */
errint_t hs_mmp_check(struct hs_mmp *m, struct hs_strbuf *why);

/* Block number of the protection block, 0 for NULL. */
uint64_t hs_mmp_block(const struct hs_mmp *m);

/*
 * Puts the block back as it was before hs_mmp_claim(), unless somebody else took it or `keep` is
 * set, and frees. NULL is allowed.
 */
errint_t hs_mmp_release(struct hs_mmp *m, int keep);

#endif
