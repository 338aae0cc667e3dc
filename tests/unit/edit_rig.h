/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images to edit: made by mke2fs in several forms, with quota, looked at by e2fsck after each
 * commit, and compared bit for bit with their copy after the undo.
 */
#ifndef HS_TESTS_EDIT_RIG_H
#define HS_TESTS_EDIT_RIG_H

#include "cm.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "io/device.h"
#include "ldiskfs/edit.h"
#include "ldiskfs/revert.h"
#include "ldiskfs_scan.h"

struct rig {
	char dir[40], image[64], copy[64];
	const char *kind;
};

static const char *const rig_kinds[] = {
	"extent,ea_inode,metadata_csum,64bit,dir_index,large_dir,quota,project,^has_journal",
	"^extent,^metadata_csum,^64bit,uninit_bg,dir_index,quota,^has_journal",
	"extent,ea_inode,^metadata_csum,dir_index,^resize_inode,quota,project,^has_journal",
};
#define RIG_KINDS (sizeof(rig_kinds) / sizeof(rig_kinds[0]))

__attribute__((format(printf, 2, 3))) static inline int rig_run(const struct rig *r,
								const char *fmt, ...)
{
	char command[4096];
	int at = snprintf(command, sizeof(command),
			  "set -e; export PATH=$PATH:/usr/sbin:/sbin; cd %s; ", r->dir);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command + at, sizeof(command) - (size_t)at, fmt, ap);
	va_end(ap);
	return system(command);
}

/* False when the tools are missing. Quota files, once e2fsck has written them, are right. */
static inline bool rig_make(struct rig *r, const char *kind, unsigned block_size, const char *size)
{
	strcpy(r->dir, "/dev/shm/hs-edit-XXXXXX");
	if (!mkdtemp(r->dir) && !mkdtemp(strcpy(r->dir, "/tmp/hs-edit-XXXXXX")))
		return false;
	snprintf(r->image, sizeof(r->image), "%s/img", r->dir);
	snprintf(r->copy, sizeof(r->copy), "%s/copy", r->dir);
	r->kind = kind;
	return !rig_run(
		r,
		"mkdir tree tree/d tree/e; echo data >tree/f; echo more >tree/g; "
		"head -c 300000 /dev/urandom >tree/big; "
		"mke2fs -q -F -b %u -I 512 -N 3000 -O '%s' -E quotatype="
		"%s -d tree img %s >log 2>&1; "
		"e2fsck -fy img >>log 2>&1 || [ $? -le 1 ]; e2fsck -fn img >>log 2>&1; "
		"cp --sparse=always img copy",
		block_size, kind,
		strstr(kind, "project") ? "usrquota:grpquota:prjquota" : "usrquota:grpquota", size);
}

static inline void rig_remove(struct rig *r)
{
	assert_int_equal(rig_run(r, "cd /; rm -rf %s", r->dir), 0);
}

static inline void rig_skip_waiting(void *arg, unsigned seconds)
{
	unsigned *sum = arg;

	if (sum)
		*sum += seconds;
}

static inline struct hs_edit_params rig_params(const struct rig *r)
{
	return (struct hs_edit_params){
		.device = r->image,
		.dir = r->dir,
		.label = "t",
		.holder = "20250101T000000Z",
		.now = 1700000000,
		.wait = rig_skip_waiting,
	};
}

static inline struct hs_edit *rig_open(const struct rig *r)
{
	struct hs_edit_params p = rig_params(r);
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_edit *e;

	if (hs_edit_open(&p, &e, &why))
		fail_msg("%s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	return e;
}

/* An edit that must succeed. */
#define rig_ok(e, call)                                                                            \
	do {                                                                                       \
		if (call)                                                                          \
			fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, #call, hs_edit_why(e));      \
	} while (0)

/* e2fsck has nothing to say. */
static inline void rig_fsck(const struct rig *r)
{
	if (rig_run(r, "e2fsck -fn img >fsck.log 2>&1 && ! grep -qi 'warning\\|? no' fsck.log")) {
		rig_run(r, "cat fsck.log >&2");
		fail_msg("e2fsck complains (%s)", r->kind);
	}
}

/*
 * The kernel finds every name and reads every attribute, where we may mount; it would say so in an
 * error of ls if the index led it astray.
 */
static inline void rig_kernel(const struct rig *r)
{
	static bool said;

	if (rig_run(r, "mkdir -p mnt; mount -o ro,loop img mnt 2>/dev/null")) {
		if (!said)
			fprintf(stderr, "cannot mount here: the kernel is not asked\n");
		said = true;
		return;
	}
	if (rig_run(r, "ls -lR mnt >ls.log 2>&1 || { cat ls.log >&2; umount mnt; exit 1; }; "
		       "umount mnt"))
		fail_msg("the kernel complains (%s)", r->kind);
}

static inline struct scan rig_scan(const struct rig *r)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io;
	struct scan s;

	assert_int_equal(hs_device_open(r->image, HS_DEVICE_READ, &io, &why), 0);
	s = scan_io(io);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.flagged, 0);
	assert_int_equal(s.wrong_leaves + s.duplicates + s.bad_data, 0);
	return s;
}

/* Everything is taken back. */
static inline void rig_undo(const struct rig *r)
{
	const struct hs_revert_params p = {
		.device = r->image,
		.dir = r->dir,
		.label = "t",
		.holder = "20250101T000000Z",
		.wait = rig_skip_waiting,
	};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_reverted done;
	errint_t err = hs_revert(&p, &done, &why);

	if (err && err != -ENOENT)
		fail_msg("%s", hs_strbuf_str(&why));
	hs_strbuf_free(&why);
	assert_int_equal(rig_run(r, "cmp img copy; rm -f t.e2undo; ! test -e t.undoing"), 0);
}

/* Inode of a name in the root. */
static inline uint32_t rig_ino(const struct hs_edit *e, const char *name)
{
	const struct hs_fs *fs = hs_edit_fs(e);
	uint8_t *raw = malloc(hs_fs_geo(fs)->inode_size), room[512];
	struct hs_inode root;
	struct hs_dirent d;

	assert_int_equal(hs_inode_read(fs, 2, raw, &root), 0);
	assert_int_equal(hs_dir_lookup(fs, &root, name, strlen(name), &d, room), 1);
	free(raw);
	return d.ino;
}

/* Runs a test on each kind of image. */
static inline void rig_each(void (*test)(struct rig *r))
{
	for (size_t i = 0; i < RIG_KINDS; i++) {
		struct rig r;

		if (!rig_make(&r, rig_kinds[i], i == 1 ? 1024 : 4096, i == 1 ? "24M" : "40M")) {
			rig_run(&r, "cat log >&2");
			fail_msg("cannot make an image (%s)", rig_kinds[i]);
		}
		test(&r);
		rig_undo(&r);
		rig_remove(&r);
	}
}

#endif
