/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole images, made by mke2fs, e2fsck and debugfs: with and without extents and metadata
 * checksums, with hashed directories, attributes of every kind. Then each block in turn cannot be
 * read, or has one bit wrong: what is lost must be flagged.
 */
#include "cm.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/device.h"
#include "io/fault.h"
#include "base/bytes.h"
#include "ldiskfs/fs_priv.h"
#include "ldiskfs_scan.h"
#include "work/team.h"

/* Names of 160 bytes make an index of two levels. */
static const char *const recipe =
	"set -e; export PATH=$PATH:/usr/sbin:/sbin; cd %s; rm -rf tree img; mkdir tree\n"
	"i=0; while [ $i -lt 400 ]; do : > tree/a-name-of-some-length-$i; i=$((i+1)); done\n"
	"mkdir -p tree/sub/deeper tree/big tree/small\n"
	"long=$(head -c 140 /dev/zero | tr '\\0' n)\n"
	"i=0; while [ $i -lt 900 ]; do : > tree/big/entry-number-$i-$long; i=$((i+1)); done\n"
	"ln -s target tree/sub/link; echo data > tree/sub/deeper/file\n"
	"head -c 3000 /dev/zero | tr '\\0' v > value\n"
	"mke2fs -q -F -b 1024 -I 512 -N 1600 -O '%s' -d tree img 3M >log 2>&1\n"
	"cat > commands <<END\n"
	"ea_set sub trusted.lma 012345678901234567890123\n"
	"ea_set -f value sub/deeper/file user.in_block_or_inode\n"
	"ea_set small trusted.a 1\n"
	"ea_set small trusted.b 2\n"
	"ea_set small security.c 3\n"
	"END\n"
	"debugfs -w -f commands img >>log 2>&1\n"
	"e2fsck -fyD img >>log 2>&1 || [ $? -le 1 ]\n"
	"e2fsck -fn img >>log 2>&1\n";

struct image {
	char dir[32], path[40];
	uint64_t blocks;
};

static bool make_image(struct image *img, const char *features)
{
	char script[4096];
	struct stat st;

	snprintf(img->dir, sizeof(img->dir), "/tmp/hs-ldiskfs-XXXXXX");
	assert_non_null(mkdtemp(img->dir));
	snprintf(script, sizeof(script), recipe, img->dir, features);
	if (system(script) != 0)
		return false;
	snprintf(img->path, sizeof(img->path), "%s/img", img->dir);
	assert_int_equal(stat(img->path, &st), 0);
	img->blocks = (uint64_t)st.st_size / 1024;
	return true;
}

static void remove_image(struct image *img)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf %s", img->dir);
	assert_int_equal(system(command), 0);
}

static struct hs_io *open_image(const struct image *img)
{
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_io *io = NULL;

	assert_int_equal(hs_device_open(img->path, HS_DEVICE_READ, &io, &why), 0);
	hs_strbuf_free(&why);
	return io;
}

static struct scan scan_whole(const struct image *img)
{
	return scan_io(open_image(img));
}

static const char *const kinds[] = {
	"extent,ea_inode,metadata_csum,64bit,dir_index,^has_journal",
	"^extent,^metadata_csum,^64bit,dir_index,uninit_bg,^has_journal",
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void a_sound_image_is_read_in_full(void **state)
{
	struct image *images = *state;

	for (size_t i = 0; i < KINDS; i++) {
		struct scan s = scan_whole(&images[i]);

		assert_int_equal(s.err, 0);
		assert_int_equal(s.flagged, 0);
		assert_int_equal(s.wrong_leaves + s.duplicates + s.bad_data, 0);
		/* root, sub, deeper, big, small, lost+found */
		assert_int_equal(s.directories, 6);
		assert_int_equal(s.entries, 6 * 2 + 400 + 900 + 4 + 1 + 2);
		assert_int_equal(s.attrs, i == 0 ? 5 : 4); /* one needs an EA inode */
	}
}

/* Every block that a scan depends on, and every one it does not, one after the other. */
static void no_unreadable_block_goes_unnoticed(void **state)
{
	struct image *images = *state;

	for (size_t i = 0; i < KINDS; i++) {
		struct scan sound = scan_whole(&images[i]);
		unsigned refused = 0, noticed = 0, lost = 0;

		for (uint64_t b = 0; b < images[i].blocks; b++) {
			struct hs_io *io;
			struct scan s;

			assert_int_equal(hs_fault_open(open_image(&images[i]), &io), 0);
			assert_int_equal(hs_fault_add(io, b * 1024, 1024, -EIO), 0);
			s = scan_io(io);
			if (s.err) {
				assert_int_equal(s.err, -EIO);
				refused++;
				continue;
			}
			noticed += s.flagged > 0;
			lost += s.facts != sound.facts;
			if (s.facts != sound.facts)
				assert_true(s.flagged > 0);
			/* Names that are missing from a directory that was found. */
			if (s.directories == sound.directories && s.entries < sound.entries)
				assert_true(s.dir_flaws & HS_DIRF_READ);
			/*
			 * One bad block costs its own facts: two inodes, or, if it is a bitmap, the
			 * reserved inodes, which look unused.
			 */
			assert_true(s.inodes + 11 >= sound.inodes);
		}
		assert_true(refused >= 2 && refused < 40);
		assert_true(noticed > 150 && lost > 150);
	}
}

/* With checksums there is no wrong bit that changes a fact unseen. */
static void no_wrong_bit_goes_unnoticed(void **state)
{
	struct image *images = *state;
	struct scan sound = scan_whole(&images[0]);
	unsigned lost = 0;

	srand(7);
	for (uint64_t b = 0; b < images[0].blocks; b++) {
		uint64_t off = b * 1024 + (uint64_t)rand() % 1024;
		struct hs_io *io = open_image(&images[0]), *fault;
		uint8_t byte;
		struct scan s;

		assert_int_equal(hs_io_pread(io, &byte, 1, off), 0);
		byte ^= (uint8_t)(1 << rand() % 8);
		assert_int_equal(hs_fault_open(io, &fault), 0);
		assert_int_equal(hs_fault_replace(fault, off, &byte, 1), 0);
		s = scan_io(fault);
		if (s.err || s.facts == sound.facts)
			continue;
		lost++;
		assert_true(s.flagged > 0);
	}
	assert_true(lost > 100);
}

/* Without checksums anything may be believed, but nothing crashes, hangs or runs wild. */
static void garbage_is_survived(void **state)
{
	struct image *images = *state;
	static uint8_t garbage[1024];

	srand(8);
	for (uint64_t b = 2; b < images[1].blocks; b++) {
		struct hs_io *fault;
		struct scan s;

		/* Random words, the block's own number everywhere, zeroes. */
		for (unsigned k = 0; k < sizeof(garbage); k += 4) {
			uint32_t word = b % 3 == 0   ? (uint32_t)rand()
					: b % 3 == 1 ? (uint32_t)b
						     : 0;

			memcpy(garbage + k, &word, 4);
		}
		assert_int_equal(hs_fault_open(open_image(&images[1]), &fault), 0);
		assert_int_equal(hs_fault_replace(fault, b * 1024, garbage, 1024), 0);
		s = scan_io(fault);
		assert_true(s.entries < 100000 && s.inodes <= 1700);
	}
}

static void what_cannot_be_opened_says_why(void **state)
{
	struct image *images = *state;
	static const struct {
		uint64_t off;
		uint8_t value;
		const char *word;
	} cases[] = {
		{1024 + 56, 0, "no ext4 superblock"},
		{1024 + 96, 0xc6, "journal needs recovery"},
		{1024 + 98, 0x80, "unknown incompatible feature bits 0x800000"},
		{1024 + 24, 9, "block size"},
		{1024 + 89, 0, "damaged superblock"},
		{1024 + 6, 0xff, "truncated image"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hs_strbuf why = HS_STRBUF_INIT;
		struct hs_io *io;
		struct hs_fs *fs;
		errint_t err;

		assert_int_equal(hs_fault_open(open_image(&images[1]), &io), 0);
		assert_int_equal(hs_fault_replace(io, cases[i].off, &cases[i].value, 1), 0);
		err = hs_fs_open(io, NULL, &fs, &why);
		if (err != -EINVAL && err != -ENODATA)
			fail_msg("case %zu: %d, %s", i, err, hs_strbuf_str(&why));
		assert_null(fs);
		if (!strstr(hs_strbuf_str(&why), cases[i].word))
			fail_msg("'%s' is not in: %s", cases[i].word, hs_strbuf_str(&why));
		hs_strbuf_free(&why);
	}
}

static void look_ups(void **state)
{
	struct image *images = *state;

	for (size_t i = 0; i < KINDS; i++) {
		struct hs_strbuf why = HS_STRBUF_INIT;
		uint8_t *raw, room[512], *raw2;
		struct hs_inode root, big;
		char name[155];
		struct hs_dirent e;
		struct hs_fs *fs;

		assert_int_equal(hs_fs_open(open_image(&images[i]), NULL, &fs, &why), 0);
		raw = malloc(hs_fs_geo(fs)->inode_size);
		raw2 = malloc(hs_fs_geo(fs)->inode_size);
		assert_int_equal(hs_inode_read(fs, 2, raw, &root), 0);
		assert_true(hs_inode_is_dir(&root) && root.flags & HS_INODE_INDEX);
		assert_int_equal(hs_dir_lookup(fs, &root, "big", 3, &e, room), 1);
		assert_int_equal(e.type, 2);
		assert_int_equal(hs_inode_in_use(fs, e.ino), 1);
		assert_int_equal(hs_inode_read(fs, e.ino, raw2, &big), 0);
		assert_int_equal(hs_inode_dirent_type(&big), 2);
		memset(name, 'n', sizeof(name));
		memcpy(name, "entry-number-7-", 15);
		assert_int_equal(hs_dir_lookup(fs, &big, name, sizeof(name), &e, room), 1);
		assert_memory_equal(e.name, "entry-number-7-", 15);
		assert_int_equal(hs_dir_lookup(fs, &big, "absent", 6, &e, room), 0);
		assert_int_equal(hs_inode_read(fs, 0, raw, &root), -EINVAL);
		assert_int_equal(hs_inode_in_use(fs, hs_fs_geo(fs)->inodes), 0);
		assert_int_equal(hs_inode_in_use(fs, hs_fs_geo(fs)->inodes + 1), -EINVAL);
		assert_false(hs_fs_on_orphan_list(fs, 12));
		free(raw);
		free(raw2);
		hs_fs_close(fs);
		hs_strbuf_free(&why);
	}
}

static void a_source_goes_on_where_it_was(void **state)
{
	struct image *images = *state;
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_position pos, other;
	struct hs_itable_chunk chunk, again;
	struct hs_source *a, *b;
	struct hs_fs *fs;
	uint64_t units = 0;

	assert_int_equal(hs_fs_open(open_image(&images[0]), NULL, &fs, &why), 0);
	assert_int_equal(hs_itable_source_new(fs, &a), 0);
	assert_int_equal(hs_itable_source_new(fs, &b), 0);
	assert_string_equal(a->name, "itable");
	for (;;) {
		int ret;

		a->ops->tell(a, &pos);
		assert_int_equal(pos.done, units);
		assert_int_equal(b->ops->seek(b, &pos), 0);
		ret = a->ops->next(a, &chunk);
		assert_int_equal(b->ops->next(b, &again), ret);
		if (!ret)
			break;
		assert_int_equal(chunk.first_ino, again.first_ino);
		assert_int_equal(chunk.off, again.off);
		assert_true(chunk.len <= HS_ITABLE_CHUNK);
		units += chunk.count;
	}
	assert_int_equal(units, a->total);
	other = pos;
	other.cookie[10] ^= 1; /* of another file system */
	assert_int_equal(b->ops->seek(b, &other), -EINVAL);
	memset(other.cookie, 0xff, 4);
	assert_int_equal(b->ops->seek(b, &other), -EINVAL);
	hs_itable_source_free(a);
	hs_itable_source_free(b);
	hs_fs_close(fs);
	hs_strbuf_free(&why);
}

/* i_size of a one-block directory says almost 4 GiB: that must cost nothing. */
static void a_huge_size_is_a_hole(void **state)
{
	struct image *images = *state;
	struct hs_strbuf why = HS_STRBUF_INIT;
	uint8_t raw[512], room[512], size[4];
	struct hs_inode root;
	struct hs_dirent e;
	struct hs_io *fault;
	struct hs_fs *fs;
	uint64_t at, entries;
	struct scan s;

	entries = scan_whole(&images[1]).entries;
	assert_int_equal(hs_fs_open(open_image(&images[1]), NULL, &fs, &why), 0);
	assert_int_equal(hs_inode_read(fs, 2, raw, &root), 0);
	assert_int_equal(hs_dir_lookup(fs, &root, "small", 5, &e, room), 1);
	at = fs->groups[(e.ino - 1) / fs->geo.inodes_per_group].inode_table * 1024 +
	     (e.ino - 1) % fs->geo.inodes_per_group * 512ull;
	hs_fs_close(fs);
	hs_strbuf_free(&why);
	hs_put_le32(size, 0xfffffc00);
	assert_int_equal(hs_fault_open(open_image(&images[1]), &fault), 0);
	assert_int_equal(hs_fault_replace(fault, at + 4, size, 4), 0);
	s = scan_io(fault);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.dir_flaws, HS_DIRF_HOLE);
	assert_int_equal(s.flagged, 1);
	assert_int_equal(s.entries, entries);
}

struct crowd {
	const struct hs_fs *fs;
	struct scan scans[4];
};

static errint_t scan_in_thread(unsigned worker, void *arg)
{
	struct crowd *c = arg;

	c->scans[worker] = scan_fs(c->fs);
	return c->scans[worker].err;
}

static void threads_share_an_fs(void **state)
{
	struct image *images = *state;
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct crowd c = {0};
	struct hs_fs *fs;

	assert_int_equal(hs_fs_open(open_image(&images[0]), NULL, &fs, &why), 0);
	c.fs = fs;
	assert_int_equal(hs_team_run(4, scan_in_thread, &c), 0);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(c.scans[i].facts, c.scans[0].facts);
		assert_int_equal(c.scans[i].flagged, 0);
		assert_true(c.scans[i].entries > 1000);
	}
	hs_fs_close(fs);
	hs_strbuf_free(&why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_image_is_read_in_full),
		cmocka_unit_test(no_unreadable_block_goes_unnoticed),
		cmocka_unit_test(no_wrong_bit_goes_unnoticed),
		cmocka_unit_test(garbage_is_survived),
		cmocka_unit_test(what_cannot_be_opened_says_why),
		cmocka_unit_test(look_ups),
		cmocka_unit_test(a_source_goes_on_where_it_was),
		cmocka_unit_test(a_huge_size_is_a_hole),
		cmocka_unit_test(threads_share_an_fs),
	};
	static struct image images[KINDS];
	void *shared = images;
	int failed = 0;

	for (size_t i = 0; i < KINDS; i++)
		if (!make_image(&images[i], kinds[i])) {
			fprintf(stderr, "skipped: mke2fs, debugfs or e2fsck failed, see %s/log\n",
				images[i].dir);
			return 77;
		}
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		struct CMUnitTest one[1] = {tests[i]};

		one[0].initial_state = shared;
		failed += cmocka_run_group_tests(one, NULL, NULL);
	}
	for (size_t i = 0; i < KINDS; i++)
		remove_image(&images[i]);
	return failed;
}
