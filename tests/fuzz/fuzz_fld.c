/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence ranges: the merged table stays sorted and disjoint whatever is added. */
#include "fuzz.h"

#include "lustre/fld.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_fld fld = {0};

	for (size_t off = 0; off < size && fld.count < 500; off += 3) {
		struct hs_seq_range r;
		bool conflict;

		hs_seq_file_decode(data + off, size - off, &r);
		if (hs_fld_decode(data + off, size - off, &r))
			hs_fld_add(&fld, &r, &conflict);
		/* Short ranges meet each other more often. */
		r.start = HS_SEQ_NORMAL + data[off];
		r.end = r.start + data[off] % 5;
		hs_fld_add(&fld, &r, &conflict);
	}
	for (size_t i = 0; i < fld.count; i++) {
		fuzz_require(fld.ranges[i].start < fld.ranges[i].end);
		fuzz_require(i == 0 || fld.ranges[i - 1].end <= fld.ranges[i].start);
		hs_fld_owner(&fld, fld.ranges[i].end);
	}
	hs_fld_free(&fld);
	return 0;
}
