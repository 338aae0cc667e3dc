/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Llogs: a walk ends, and its records lie inside the chunk. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/llog.h"

static void count_fid(void *arg, struct hs_fid f)
{
	(void)f;
	++*(size_t *)arg;
}

static void use(const struct hs_llog_rec *r)
{
	struct hs_llog_setattr setattr;
	struct hs_llog_logid id;
	struct hs_fid f;
	struct hs_llog_update update;
	size_t fids = 0, pos = 0;
	uint32_t count, n = 0;

	fuzz_touch(r->data, r->len);
	hs_llog_decode_logid(r, &id);
	hs_llog_decode_unlink(r, &f, &count);
	hs_llog_decode_setattr(r, &setattr);
	hs_llog_update_fids(r, count_fid, &fids);
	fuzz_require(fids <= r->len / 4);
	if (hs_llog_decode_update(r, &update)) {
		while (hs_llog_update_next(r, &update, &pos, &n, &f))
			fuzz_require(n <= r->len / 20);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t types[] = {HS_LLOG_REC_CATALOG, HS_LLOG_REC_UNLINK,
					 HS_LLOG_REC_SETATTR, HS_LLOG_REC_UPDATE};
	uint8_t *v = fuzz_value(data, size), *first;
	struct hs_llog_header h;
	struct hs_llog_logid id;
	struct hs_llog_rec r;
	size_t pos = 0;
	bool bad;

	if (!v)
		return 0;
	size--;
	hs_llog_decode_header(v, size, &h);
	hs_llog_catalog_entry(v, size, data[0], &id);
	h = (struct hs_llog_header){.chunk = 8192, .bitmap_off = 88, .bitmap_len = 8192 - 96};
	first = malloc(h.chunk);
	if (!first) {
		free(v);
		return 0;
	}
	memset(first, 0x77, h.chunk);
	/* Records that are some, of lengths the input chooses. */
	for (size_t p = 0; data[0] % 4 && p + 24 <= size;) {
		uint32_t len = 24 + v[p] % 16u * 8;

		if (len > size - p)
			break;
		hs_put_le32(v + p, len);
		hs_put_le32(v + p + 8, types[v[p + 4] % 4]);
		hs_put_le32(v + p + len - 8, len);
		memcpy(v + p + len - 4, v + p + 4, 4);
		p += len;
	}
	while (hs_llog_next(&h, first, v, size, &pos, &r, &bad))
		use(&r);
	free(first);
	free(v);
	return 0;
}
