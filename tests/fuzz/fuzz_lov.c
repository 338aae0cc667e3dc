/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.lov: all records lie inside the value, and there are no more than it has room for. */
#include "fuzz.h"

#include "base/bytes.h"
#include "lustre/lov.h"

static void use(struct hs_lov *l, size_t size)
{
	uint64_t records = 0;

	for (uint32_t i = 0; i < l->n_comps; i++) {
		const struct hs_lov_comp *c = &l->comps[i];

		fuzz_require((uint64_t)c->body_off + c->body_len <= size);
		fuzz_require(strlen(c->pool) <= 16);
		records += c->n_records;
		for (uint32_t k = 0; k < c->n_records; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(l, c, k, &s);
		}
	}
	fuzz_require(records * 24 <= size);
	hs_lov_check(l, (struct hs_fid){0x200000401, 1, 0});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t magics[] = {HS_LOV_MAGIC_V1,     HS_LOV_MAGIC_V3,	  HS_LOV_MAGIC_COMP,
					  HS_LOV_MAGIC_COMP,   HS_LOV_MAGIC_COMP, HS_LOV_MAGIC_SEL,
					  HS_LOV_MAGIC_FOREIGN};
	uint8_t *v = fuzz_value(data, size);
	unsigned choice;
	struct hs_lov l;

	if (!v)
		return 0;
	choice = data[0] % 8;
	size--;
	if (size >= 32 && choice < 7) {
		hs_put_le32(v, magics[choice]);
		if (choice < 2)
			hs_put_le32(v + 4, HS_LOVP_RAID0);
	}
	/* Give some entries bodies that may be some. */
	for (size_t e = 32; choice > 1 && choice < 6 && e + 48 < size; e += 48) {
		uint32_t off = hs_get_le32(v + e + 24) % (uint32_t)size;

		hs_put_le32(v + e + 24, off);
		if (off + 8 <= size) {
			hs_put_le32(v + off, magics[v[e] & 1]);
			hs_put_le32(v + off + 4, HS_LOVP_RAID0);
		}
	}
	if (hs_lov_decode(v, size, &l) == 0)
		use(&l, size);
	hs_lov_release(&l);
	free(v);
	return 0;
}
