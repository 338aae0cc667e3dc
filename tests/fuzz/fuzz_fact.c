/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts that came from another host. */
#include "fuzz.h"

#include "lfsck/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	struct hs_fact_fields f;

	if (hs_fact_decode(data, size, &f)) {
		fuzz_require(f.tag > 0 && f.tag < HS_FACT_TAGS);
		fuzz_require(size >= HS_FACT_HEAD && size <= HS_FACT_MAX);
		fuzz_touch(f.name, f.name_len);
	}
	hs_fact_describe(data, size, &text);
	fuzz_require(text.len > 0);
	hs_strbuf_free(&text);
	return 0;
}
