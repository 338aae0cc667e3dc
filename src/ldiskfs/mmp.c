/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Claiming, watching and releasing the MMP block, in the steps that ext4 and e2fsck take.
 */
#include "ldiskfs/mmp.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/crc32c.h"
#include "io/device.h"

/* Offsets in the superblock. */
enum {
	SB_FIRST_BLOCK = 20,
	SB_BLOCKS = 4,
	SB_BLOCK_SHIFT = 24,
	SB_INCOMPAT = 96,
	SB_ROCOMPAT = 100,
	SB_UUID = 104,
	SB_BLOCKS_HI = 336,
	SB_MMP_INTERVAL = 358,
	SB_MMP_BLOCK = 360,
	SB_CSUM_SEED = 624,
	INCOMPAT_MMP = 0x100,
	INCOMPAT_CSUM_SEED = 0x2000,
	ROCOMPAT_METADATA_CSUM = 0x400,
};

/* In the MMP block. */
enum {
	MMP_BYTES = 1024,
	MMP_SEQ = 4,
	MMP_TIME = 8,
	MMP_NODE = 16,
	MMP_NODE_LEN = 64,
	MMP_DEVICE = 80,
	MMP_DEVICE_LEN = 32,
	MMP_INTERVAL = 112,
	MMP_CSUM = 1020,
	MIN_INTERVAL = 5,
};

#define MMP_MAGIC 0x004d4d50u
#define SEQ_CLEAN 0xff4d4d50u
#define SEQ_FSCK  0xe24d4d50u

struct hs_mmp {
	struct hs_mmp_params p;
	uint64_t block, off;
	uint32_t seed;
	bool csum;
	char holder[MMP_DEVICE_LEN];
	char node[MMP_NODE_LEN];
	uint8_t before[MMP_BYTES];
	uint8_t now[MMP_BYTES]; /* as we have written it */
};

static errint_t init(struct hs_mmp *m, const uint8_t *sb, struct hs_strbuf *why)
{
	unsigned shift = 10 + (hs_get_le32(sb + SB_BLOCK_SHIFT) & 7);
	uint64_t blocks = hs_get_le32(sb + SB_BLOCKS);

	if (hs_get_le32(sb + SB_INCOMPAT) & 0x80)
		blocks |= (uint64_t)hs_get_le32(sb + SB_BLOCKS_HI) << 32;
	m->block = hs_get_le64(sb + SB_MMP_BLOCK);
	m->off = m->block << shift;
	if (m->block <= hs_get_le32(sb + SB_FIRST_BLOCK) || m->block >= blocks) {
		hs_strbuf_printf(why, "%s: damaged superblock: the MMP block is %" PRIu64,
				 m->p.device->name, m->block);
		return -EINVAL;
	}
	m->csum = hs_get_le32(sb + SB_ROCOMPAT) & ROCOMPAT_METADATA_CSUM;
	m->seed = hs_get_le32(sb + SB_INCOMPAT) & INCOMPAT_CSUM_SEED
			  ? hs_get_le32(sb + SB_CSUM_SEED)
			  : hs_crc32c_best()(~0u, sb + SB_UUID, 16);
	snprintf(m->holder, sizeof(m->holder), "holystone %.20s", m->p.holder);
	gethostname(m->node, sizeof(m->node) - 1);
	return 0;
}

static bool is_ours(const struct hs_mmp *m, const uint8_t *buf)
{
	return !strncmp((const char *)buf + MMP_NODE, m->node, MMP_NODE_LEN) &&
	       !strncmp((const char *)buf + MMP_DEVICE, m->holder, MMP_DEVICE_LEN);
}

static bool csum_ok(const struct hs_mmp *m, const uint8_t *buf)
{
	return !m->csum || hs_crc32c_best()(m->seed, buf, MMP_CSUM) == hs_get_le32(buf + MMP_CSUM);
}

static errint_t read_block(struct hs_mmp *m, uint8_t *buf, struct hs_strbuf *why)
{
	errint_t err = hs_device_read_fresh(m->p.device, buf, MMP_BYTES, m->off);

	if (err) {
		hs_strbuf_printf(why, "%s: cannot read the MMP block: %s", m->p.device->name,
				 strerror(-err));
		return err;
	}
	/* one that we were writing when the power went says so in its first sector */
	if (hs_get_le32(buf) != MMP_MAGIC || (!csum_ok(m, buf) && !is_ours(m, buf))) {
		hs_strbuf_printf(why,
				 "%s: the MMP block is damaged: cannot tell whether the "
				 "target is in use",
				 m->p.device->name);
		return -EINVAL;
	}
	return 0;
}

static errint_t write_block(struct hs_mmp *m, uint32_t seq, struct hs_strbuf *why)
{
	errint_t err;

	hs_put_le32(m->now + MMP_SEQ, seq);
	hs_put_le64(m->now + MMP_TIME, (uint64_t)time(NULL));
	memset(m->now + MMP_NODE, 0, MMP_NODE_LEN + MMP_DEVICE_LEN);
	memcpy(m->now + MMP_NODE, m->node, strlen(m->node));
	memcpy(m->now + MMP_DEVICE, m->holder, strlen(m->holder));
	if (m->csum)
		hs_put_le32(m->now + MMP_CSUM, hs_crc32c_best()(m->seed, m->now, MMP_CSUM));
	err = hs_io_pwrite(m->p.io, m->now, MMP_BYTES, m->off);
	if (!err)
		err = hs_io_flush(m->p.io);
	if (err)
		hs_strbuf_printf(why, "%s: cannot write the MMP block: %s", m->p.device->name,
				 strerror(-err));
	return err;
}

static errint_t in_use(const struct hs_mmp *m, const uint8_t *buf, const char *by,
		       struct hs_strbuf *why)
{
	const char *node = (const char *)buf + MMP_NODE;
	const char *dev = (const char *)buf + MMP_DEVICE;

	hs_strbuf_printf(why, "%s: in use by %s on node ", m->p.device->name, by);
	hs_strbuf_add_escaped(why, node, strnlen(node, MMP_NODE_LEN));
	hs_strbuf_puts(why, " (");
	hs_strbuf_add_escaped(why, dev, strnlen(dev, MMP_DEVICE_LEN));
	hs_strbuf_puts(why, "), says its multiple mount protection");
	return -EBUSY;
}

static void pause_for(struct hs_mmp *m, unsigned interval)
{
	unsigned seconds = interval + 60 < 2 * interval + 1 ? interval + 60 : 2 * interval + 1;

	if (m->p.wait)
		m->p.wait(m->p.arg, seconds);
	else
		while (seconds)
			seconds = sleep(seconds);
}

static uint32_t new_sequence(void)
{
	uint32_t seq = 0;

	if (getrandom(&seq, sizeof(seq), 0) != sizeof(seq))
		seq = (uint32_t)time(NULL) ^ (uint32_t)getpid() << 16;
	return seq % (SEQ_FSCK - 1) + 1;
}

/* The run that left it there died; what was before is gone, but for its undo file. */
static errint_t take_over(struct hs_mmp *m, struct hs_strbuf *why)
{
	hs_put_le32(m->before + MMP_SEQ, SEQ_CLEAN);
	if (m->csum)
		hs_put_le32(m->before + MMP_CSUM, hs_crc32c_best()(m->seed, m->before, MMP_CSUM));
	return write_block(m, SEQ_FSCK, why);
}

static errint_t claim(struct hs_mmp *m, unsigned interval, struct hs_strbuf *why)
{
	uint8_t again[MMP_BYTES];
	uint32_t seq;
	errint_t err = read_block(m, m->before, why);

	if (err)
		return err;
	memcpy(m->now, m->before, sizeof(m->now));
	seq = hs_get_le32(m->before + MMP_SEQ);
	if (interval < MIN_INTERVAL)
		interval = MIN_INTERVAL;
	if (is_ours(m, m->before) && (seq == SEQ_FSCK || !csum_ok(m, m->before)))
		return take_over(m, why);
	if (seq == SEQ_FSCK)
		return in_use(m, m->before, "fsck or a repair", why);
	if (seq > SEQ_FSCK && seq != SEQ_CLEAN) {
		hs_strbuf_printf(why,
				 "%s: the MMP block holds an unknown sequence number 0x%" PRIx32,
				 m->p.device->name, seq);
		return -EINVAL;
	}
	if (seq != SEQ_CLEAN) {
		/* A server that is alive changes the number; one that died left it. */
		if (hs_get_le16(m->before + MMP_INTERVAL) > interval)
			interval = hs_get_le16(m->before + MMP_INTERVAL);
		pause_for(m, interval);
		err = read_block(m, again, why);
		if (err)
			return err;
		if (hs_get_le32(again + MMP_SEQ) != seq)
			return in_use(m, again, "a server", why);
	}
	seq = new_sequence();
	err = write_block(m, seq, why);
	if (err)
		return err;
	pause_for(m, interval);
	err = read_block(m, again, why);
	if (err)
		return err;
	if (hs_get_le32(again + MMP_SEQ) != seq)
		return in_use(m, again, "another", why);
	return write_block(m, SEQ_FSCK, why);
}

errint_t hs_mmp_claim(const struct hs_mmp_params *p, const uint8_t super[1024], struct hs_mmp **out,
		      struct hs_strbuf *why)
{
	hs_autofree struct hs_mmp *m = NULL;
	errint_t err;

	*out = NULL;
	if (!(hs_get_le32(super + SB_INCOMPAT) & INCOMPAT_MMP))
		return 0;
	m = calloc(1, sizeof(*m));
	if (!m)
		return -ENOMEM;
	m->p = *p;
	err = init(m, super, why);
	if (!err)
		err = claim(m, hs_get_le16(super + SB_MMP_INTERVAL), why);
	if (!err)
		*out = hs_take(m);
	return err;
}

errint_t hs_mmp_check(struct hs_mmp *m, struct hs_strbuf *why)
{
	uint8_t buf[MMP_BYTES];
	errint_t err;

	if (!m)
		return 0;
	err = read_block(m, buf, why);
	if (!err && memcmp(buf, m->now, sizeof(buf)))
		err = in_use(m, buf, "somebody else since we hold it", why);
	return err;
}

uint64_t hs_mmp_block(const struct hs_mmp *m)
{
	return m ? m->block : 0;
}

errint_t hs_mmp_release(struct hs_mmp *m, int keep)
{
	hs_cleanup(hs_strbuf_free) struct hs_strbuf why = HS_STRBUF_INIT;
	errint_t err = 0;

	if (!m)
		return 0;
	if (!keep) {
		err = hs_mmp_check(m, &why);
		if (!err)
			err = hs_io_pwrite(m->p.io, m->before, sizeof(m->before), m->off);
		if (!err)
			err = hs_io_flush(m->p.io);
	}
	free(m);
	return err;
}
