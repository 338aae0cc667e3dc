/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Volume label, mountdata, last_rcvd (format notes, section 6). */
#include "cm.h"

#include "base/bytes.h"
#include "lustre/target.h"

static void labels(void **state)
{
	static const char *const bad[] = {
		"",
		"MGS2",
		"-MDT0000",
		"lustre-MDT000",
		"lustre-MDT00000",
		"lustre_MDT0000",
		"lustre-XXX0000",
		"toolongname-MDT0000",
		"lustre-MDT000g",
	};
	struct hs_label l;
	char padded[16] = "t32fs:OST000a";

	(void)state;
	assert_true(hs_label_parse("lustre-MDT0001", 14, &l));
	assert_string_equal(l.fsname, "lustre");
	assert_true(hs_tgt_eq(l.target, (struct hs_tgt){HS_MDT, 1}));
	assert_int_equal(l.separator, '-');
	assert_true(hs_label_parse(padded, sizeof(padded), &l));
	assert_true(hs_tgt_eq(l.target, (struct hs_tgt){HS_OST, 10}));
	assert_int_equal(l.separator, ':');
	assert_true(hs_label_parse("a-b=MDTffff", 11, &l));
	assert_string_equal(l.fsname, "a-b");
	assert_int_equal(l.target.index, 0xffff);
	assert_true(hs_label_parse("MGS", 3, &l));
	assert_int_equal(l.target.kind, HS_NO_TARGET);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t *copy = exact_copy(bad[i], strlen(bad[i]));

		assert_false(hs_label_parse((char *)copy, strlen(bad[i]), &l));
		free(copy);
	}
}

static void mountdata(void **state)
{
	uint8_t v[256] = {0};
	struct hs_mountdata m;

	(void)state;
	hs_put_le32(v, 0x1dd00001);
	hs_put_le32(v + 20, 0x25);
	hs_put_le32(v + 24, 3);
	hs_put_le32(v + 28, 1);
	memset(v + 32, 'f', 64);
	memcpy(v + 96, "lustre-MDT0003", 14);
	for (size_t len = 0; len <= 200; len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_mountdata_decode(copy, len, &m), len == 200);
		free(copy);
	}
	assert_int_equal(m.flags, 0x25);
	assert_int_equal(m.index, 3);
	assert_int_equal(m.mount_type, 1);
	assert_int_equal(strlen(m.fsname), 64);
	assert_string_equal(m.service, "lustre-MDT0003");
	hs_put_be32(v, 0x1dd00001);
	hs_put_be32(v + 24, 9);
	assert_true(hs_mountdata_decode(v, sizeof(v), &m));
	assert_int_equal(m.index, 9);
	v[0] = 0;
	assert_false(hs_mountdata_decode(v, sizeof(v), &m));
}

static void last_rcvd(void **state)
{
	uint8_t v[512] = {0};
	struct hs_last_rcvd r;

	(void)state;
	memcpy(v, "lustre-OST0002_UUID", 19);
	hs_put_le64(v + 40, 77);
	hs_put_le32(v + 68, 2);
	hs_put_le16(v + 86, 64);
	hs_put_le32(v + 140, 2);
	for (size_t len = 500; len <= 512; len++) {
		uint8_t *copy = exact_copy(v, len);

		assert_int_equal(hs_last_rcvd_decode(copy, len, &r), len == 512);
		free(copy);
	}
	assert_string_equal(r.uuid, "lustre-OST0002_UUID");
	assert_int_equal(r.last_transno, 77);
	assert_int_equal(r.rocompat, 2);
	assert_int_equal(r.index, 2);
	assert_true(r.subdirs == 64 && !r.odd_subdirs);
	hs_put_le16(v + 86, 0);
	assert_true(hs_last_rcvd_decode(v, sizeof(v), &r));
	assert_true(r.subdirs == 32 && !r.odd_subdirs);
	hs_put_le16(v + 86, 33);
	assert_true(hs_last_rcvd_decode(v, sizeof(v), &r));
	assert_true(r.subdirs == 32 && r.odd_subdirs);
}

static void text(void **state)
{
	char buf[16];

	(void)state;
	assert_string_equal(hs_tgt_text((struct hs_tgt){HS_MDT, 0}, buf), "MDT0000");
	assert_string_equal(hs_tgt_text((struct hs_tgt){HS_OST, 10}, buf), "OST000a");
	assert_string_equal(hs_tgt_text((struct hs_tgt){HS_OST, UINT32_MAX}, buf), "OSTffffffff");
	assert_string_equal(hs_tgt_text((struct hs_tgt){HS_NO_TARGET, 0}, buf), "MGS");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels),
		cmocka_unit_test(mountdata),
		cmocka_unit_test(last_rcvd),
		cmocka_unit_test(text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
