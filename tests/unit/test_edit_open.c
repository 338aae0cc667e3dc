/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which targets are taken for editing and which are refused, each with one sentence; multiple mount
 * protection; what an interrupted run left behind.
 */
#include "edit_rig.h"

#include "base/crc32c.h"
#include "io/cut.h"

#define MMP_KIND "extent,mmp,metadata_csum,64bit,dir_index,^has_journal"
#define JOURNAL	 "extent,^metadata_csum,has_journal,dir_index"

static struct rig make(const char *kind)
{
	struct rig r;

	if (!rig_make(&r, kind, 4096, "40M"))
		fail_msg("cannot make an image (%s)", kind);
	return r;
}

/* Must be refused with this error and these words; nothing is written. */
static void refused(const struct rig *r, const struct hs_edit_params *params, errint_t want,
		    const char *words)
{
	struct hs_edit_params p = params ? *params : rig_params(r);
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_edit *e;
	errint_t err;

	assert_int_equal(rig_run(r, "cp img was"), 0);
	err = hs_edit_open(&p, &e, &why);
	if (err != want || !strstr(hs_strbuf_str(&why), words) || strchr(hs_strbuf_str(&why), '\n'))
		fail_msg("%d: %s", err, hs_strbuf_str(&why));
	assert_null(e);
	assert_int_equal(rig_run(r, "cmp img was"), 0);
	hs_strbuf_free(&why);
}

static void poke(const struct rig *r, uint32_t at, uint32_t set, uint32_t clear)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io;
	uint8_t le[4];

	assert_int_equal(hs_device_open(r->image, HS_DEVICE_WRITE, &io, &why), 0);
	assert_int_equal(hs_io_pread(io, le, 4, 1024 + at), 0);
	hs_put_le32(le, (hs_get_le32(le) | set) & ~clear);
	assert_int_equal(hs_io_pwrite(io, le, 4, 1024 + at), 0);
	hs_io_close(io);
}

static void features_and_states(void **state)
{
	struct rig r = make(JOURNAL);

	(void)state;
	poke(&r, 96, 4, 0);
	refused(&r, NULL, -EINVAL, "journal needs recovery");
	poke(&r, 96, 0x40000000, 4);
	refused(&r, NULL, -EINVAL, "unknown incompatible feature bits 0x40000000");
	poke(&r, 96, 0, 0x40000000);
	poke(&r, 100, 0x8000000, 0);
	refused(&r, NULL, -EINVAL, "unknown feature bits 0x8000000");
	poke(&r, 100, 0x10000, 0x8000000);
	refused(&r, NULL, -EINVAL, "orphan");
	poke(&r, 100, 0, 0x10000);
	poke(&r, 58, 2, 0);
	refused(&r, NULL, -EINVAL, "it has errors");
	poke(&r, 58, 0, 2);
	poke(&r, 56, 0, 0xffff);
	refused(&r, NULL, -EINVAL, "no ext4 superblock");
	poke(&r, 56, 0xef53, 0);
	assert_int_equal(rig_run(&r, "cmp img copy; truncate -s 20M img"), 0);
	refused(&r, NULL, -ENODATA, "truncated");
	rig_remove(&r);
}

static void others_use_it(void **state)
{
	struct rig r = make(JOURNAL);
	struct hs_edit_params p = rig_params(&r);
	struct hs_edit *e = rig_open(&r);
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_edit *plan;

	(void)state;
	refused(&r, NULL, -EBUSY, "another program has locked it");
	p.plan = true;
	assert_int_equal(hs_edit_open(&p, &plan, &why), 0);
	assert_int_equal(hs_edit_close(plan), 0);
	assert_int_equal(hs_edit_close(e), 0);
	rig_undo(&r);
	assert_int_equal(rig_run(&r, "! test -e t.redo"), 0);

	if (rig_run(&r, "mkdir mnt; mount -o loop img mnt 2>/dev/null")) {
		fprintf(stderr, "cannot mount here: mounted targets are not tested\n");
	} else {
		p.plan = false;
		assert_int_equal(hs_edit_open(&p, &e, &why), -EBUSY);
		assert_non_null(strstr(hs_strbuf_str(&why), "it is mounted on"));
		hs_strbuf_reset(&why);
		assert_int_equal(rig_run(&r, "sed -n \"s, $PWD/mnt .*,,p\" /proc/mounts >dev"), 0);
		{
			char path[80], dev[64] = "";
			FILE *f;

			snprintf(path, sizeof(path), "%s/dev", r.dir);
			f = fopen(path, "r");
			assert_non_null(f);
			if (fscanf(f, "%63s", dev) == 1) {
				p.device = dev;
				assert_int_equal(hs_edit_open(&p, &e, &why), -EBUSY);
				assert_non_null(strstr(hs_strbuf_str(&why), "mounted"));
			}
			fclose(f);
		}
		assert_int_equal(rig_run(&r, "umount mnt"), 0);
	}
	hs_strbuf_free(&why);
	rig_remove(&r);
}

static void rig_no_arg(void *arg, unsigned seconds)
{
	(void)arg;
	(void)seconds;
}

static int access_of(const struct rig *r, const char *name)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	return access(path, F_OK);
}

/* The MMP block, changed by another node while we wait. */
struct node {
	const struct rig *r;
	unsigned waits;
	unsigned at; /* in this wait the other node shows itself */
	unsigned slept;
	uint32_t value;
};

static uint64_t mmp_at(const struct rig *r)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io;
	uint8_t le[8];

	assert_int_equal(hs_device_open(r->image, HS_DEVICE_READ, &io, &why), 0);
	assert_int_equal(hs_io_pread(io, le, 8, 1024 + 360), 0);
	hs_io_close(io);
	return hs_get_le64(le) * 4096;
}

static void set_mmp(const struct rig *r, uint32_t seq, const char *node, const char *dev)
{
	uint8_t buf[1024], uuid[16];
	uint64_t at = mmp_at(r);
	FILE *f = fopen(r->image, "r+");

	assert_non_null(f);
	fseek(f, 1024 + 104, SEEK_SET);
	assert_int_equal(fread(uuid, 1, 16, f), 16);
	fseek(f, (long)at, SEEK_SET);
	assert_int_equal(fread(buf, 1, sizeof(buf), f), sizeof(buf));
	hs_put_le32(buf + 4, seq);
	memset(buf + 16, 0, 96);
	strcpy((char *)buf + 16, node);
	strcpy((char *)buf + 80, dev);
	hs_put_le32(buf + 1020, hs_crc32c_best()(hs_crc32c_best()(~0u, uuid, 16), buf, 1020));
	fseek(f, (long)at, SEEK_SET);
	assert_int_equal(fwrite(buf, 1, sizeof(buf), f), sizeof(buf));
	fclose(f);
}

static void other_node(void *arg, unsigned seconds)
{
	struct node *n = arg;

	n->slept += seconds;
	if (n->waits++ == n->at)
		set_mmp(n->r, n->value, "oss7", "sdq");
}

static void protection(void **state)
{
	struct rig r = make(MMP_KIND);
	struct hs_edit_params p = rig_params(&r);
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct node n = {.r = &r, .at = 99};
	struct hs_edit *e;
	char host[64] = "";

	(void)state;
	gethostname(host, sizeof(host) - 1);
	p.wait = other_node;
	p.arg = &n;
	/* free: one wait, then it is ours, and afterwards as before */
	assert_int_equal(hs_edit_open(&p, &e, &why), 0);
	assert_int_equal(n.slept, 11);
	assert_int_equal(rig_run(&r, "! e2fsck -fn img >fsck.log 2>&1; grep -qi 'mmp\\|in use\\|"
				     "being run' fsck.log"),
			 0);
	hs_edit_begin(e);
	rig_ok(e, hs_edit_set_owner(e, rig_ino(e, "f"), 1, 1, 0));
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(&r);
	rig_undo(&r);

	/* fsck has it; a live server; one that takes it in the same moment */
	set_mmp(&r, 0xe24d4d50, "oss1", "e2fsck");
	refused(&r, &p, -EBUSY, "fsck or a repair on node oss1 (e2fsck)");
	set_mmp(&r, 77, "oss2", "dm-3");
	n = (struct node){.r = &r, .at = 0, .value = 78};
	assert_int_equal(hs_edit_open(&p, &e, &why), -EBUSY);
	assert_non_null(strstr(hs_strbuf_str(&why), "a server on node oss7 (sdq)"));
	hs_strbuf_reset(&why);
	set_mmp(&r, 0xff4d4d50, "", "");
	n = (struct node){.r = &r, .at = 0, .value = 79};
	assert_int_equal(hs_edit_open(&p, &e, &why), -EBUSY);
	hs_strbuf_reset(&why);
	set_mmp(&r, 0xe24d4d51, "", "");
	refused(&r, &p, -EINVAL, "unknown sequence number");
	assert_int_equal(rig_run(&r, "rm -f t.*; cp copy img"), 0);

	/* a server that died: its number does not move */
	set_mmp(&r, 4711, "oss3", "sdb");
	assert_int_equal(rig_run(&r, "cp img copy"), 0);
	n = (struct node){.r = &r, .at = 99};
	assert_int_equal(hs_edit_open(&p, &e, &why), 0);
	assert_int_equal(n.waits, 2);
	/* it comes back while we hold it: nothing more is written */
	set_mmp(&r, 4712, "oss3", "sdb");
	hs_edit_begin(e);
	rig_ok(e, hs_edit_set_owner(e, rig_ino(e, "f"), 1, 1, 0));
	hs_edit_end(e);
	assert_int_equal(hs_edit_commit(e), -EBUSY);
	assert_non_null(strstr(hs_edit_why(e), "oss3"));
	hs_edit_close(e);
	set_mmp(&r, 4711, "oss3", "sdb");
	assert_int_equal(rig_run(&r, "rm -f t.*; cp copy img"), 0);

	/* left by a killed run: its own successor takes it over, others do not */
	set_mmp(&r, 0xe24d4d50, host, "holystone 20250101T000000Z");
	n = (struct node){.r = &r, .at = 99};
	assert_int_equal(hs_edit_open(&p, &e, &why), 0);
	assert_int_equal(n.waits, 0);
	assert_int_equal(hs_edit_close(e), 0);
	rig_fsck(&r);
	assert_int_equal(rig_run(&r, "rm -f t.*"), 0);
	set_mmp(&r, 0xe24d4d50, host, "holystone 20240101T000000Z");
	refused(&r, &p, -EBUSY, "fsck or a repair");
	hs_strbuf_free(&why);
	rig_remove(&r);
}

static void left_overs(void **state)
{
	struct rig r = make(JOURNAL), other = make(JOURNAL);
	struct hs_edit *e = rig_open(&r);

	(void)state;
	hs_edit_begin(e);
	rig_ok(e, hs_edit_set_owner(e, rig_ino(e, "f"), 1, 1, 0));
	hs_edit_end(e);
	rig_ok(e, hs_edit_commit(e));
	assert_int_equal(hs_edit_close(e), 0);
	assert_int_equal(rig_run(&r, "touch t.undoing"), 0);
	refused(&r, NULL, -EBUSY, "holystone undo");
	assert_int_equal(rig_run(&r, "rm t.undoing; cp t.e2undo %s/t.e2undo", other.dir), 0);
	refused(&other, NULL, -ESTALE, "another file system");
	assert_int_equal(rig_run(&other, "rm t.e2undo; touch t.redo"), 0);
	refused(&other, NULL, -ESTALE, "left over");
	/* mounted since */
	poke(&r, 44, 0x1000, 0);
	refused(&r, NULL, -ESTALE, "has been mounted since");
	rig_remove(&r);
	rig_remove(&other);
}

struct cutting {
	uint64_t writes;
	struct hs_io *cut;
};

static errint_t cut_below(void *arg, struct hs_io *below, struct hs_io **out)
{
	struct cutting *c = arg;
	errint_t err = hs_cut_open(below, c->writes, 3, out);

	c->cut = *out;
	return err;
}

/* An undo that was cut off anywhere: no edit comes between, and it is repeated. */
static void undo_is_repeated(void **state)
{
	static const char *const kinds[] = {JOURNAL, MMP_KIND};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct rig r = make(kinds[i]);
		uint64_t k = 0;
		errint_t err;

		do {
			struct cutting c = {.writes = k};
			struct hs_revert_params p = {
				.device = r.image,
				.dir = r.dir,
				.label = "t",
				.holder = "20250101T000000Z",
				.wrap = cut_below,
				.arg = &c,
			};
			struct hs_strbuf why = HS_STRBUF_INIT;
			struct hs_edit *e = rig_open(&r);
			struct hs_reverted done;

			hs_edit_begin(e);
			rig_ok(e, hs_edit_set_owner(e, rig_ino(e, "f"), 1, 1, 0));
			rig_ok(e, hs_edit_remove(e, 2, "g", 1, 0));
			rig_ok(e, hs_edit_free_inode(e, rig_ino(e, "big")));
			hs_edit_end(e);
			rig_ok(e, hs_edit_commit(e));
			assert_int_equal(hs_edit_close(e), 0);
			p.dry = true;
			assert_int_equal(hs_revert(&p, &done, &why), 0);
			assert_true(done.blocks > 4);
			p.dry = false;
			p.wait = rig_no_arg;
			err = hs_revert(&p, &done, &why);
			/* before its first write nothing has begun; the claim of MMP is one */
			if (err && access_of(&r, "t.undoing") == 0)
				refused(&r, NULL, -EBUSY, "holystone undo");
			hs_strbuf_free(&why);
			rig_undo(&r);
			k++;
		} while (err);
		assert_true(k > 4);
		rig_remove(&r);
	}
}

/* Runs are taken back in their order only. */
static void order(void **state)
{
	struct rig r = make(JOURNAL);
	struct hs_edit_params p = rig_params(&r);
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_revert_params v = {.device = r.image, .dir = r.dir, .holder = ""};
	struct hs_reverted done;
	struct hs_edit *e;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		p.label = i ? "second" : "first";
		assert_int_equal(hs_edit_open(&p, &e, &why), 0);
		hs_edit_begin(e);
		rig_ok(e, hs_edit_set_times(e, rig_ino(e, "f"), i, i, i + 1));
		hs_edit_end(e);
		rig_ok(e, hs_edit_commit(e));
		assert_int_equal(hs_edit_close(e), 0);
	}
	v.label = "first";
	assert_int_equal(hs_revert(&v, &done, &why), -ESTALE);
	assert_non_null(strstr(hs_strbuf_str(&why), "written since"));
	assert_int_equal(rig_run(&r, "! e2undo first.e2undo img >log 2>&1"), 0);
	v.label = "second";
	assert_int_equal(hs_revert(&v, &done, &why), 0);
	v.label = "first";
	assert_int_equal(hs_revert(&v, &done, &why), 0);
	assert_int_equal(rig_run(&r, "cmp img copy"), 0);
	v.label = "third";
	hs_strbuf_reset(&why);
	assert_int_equal(hs_revert(&v, &done, &why), -ENOENT);
	assert_non_null(strstr(hs_strbuf_str(&why), "nothing was changed"));
	hs_strbuf_free(&why);
	rig_remove(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(features_and_states), cmocka_unit_test(others_use_it),
		cmocka_unit_test(protection),	       cmocka_unit_test(left_overs),
		cmocka_unit_test(undo_is_repeated),    cmocka_unit_test(order),
	};
	struct rig r;

	if (!rig_make(&r, JOURNAL, 4096, "40M")) {
		fprintf(stderr, "skipped: mke2fs or e2fsck failed, see %s/log\n", r.dir);
		return 77;
	}
	rig_remove(&r);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
