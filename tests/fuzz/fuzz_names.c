/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as names: the first byte says the kind of domain and the options, 0xff ends a name (it
 * is in no UTF-8), 0xfe starts a name that ends with the byte 0xff itself. What is reported must be
 * consistent, and rendered text printable.
 */
#include <stdlib.h>
#include <string.h>

#include "names/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct hs_name_report *r, void *ctx)
{
	struct hs_strbuf b = HS_STRBUF_INIT;

	(void)ctx;
	if (r->class >= HS_NAME_CLASSES || !r->text)
		abort();
	if (r->class == HS_NAME_NOT_SEARCHED ? r->count == 0 : !r->name)
		abort();
	if (r->other && r->len == r->other_len && memcmp(r->name, r->other, r->len) == 0)
		abort();
	hs_name_report_render(r, &b);
	for (size_t i = 0; i < b.len; i++) {
		if (b.s[i] < 0x20 || b.s[i] > 0x7e)
			abort();
	}
	hs_strbuf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_names_options opts = {.memory = 1 << 16};
	struct hs_names_domain *d = NULL;
	struct hs_names *names = NULL;
	uint64_t cookie = 0;

	if (size == 0)
		return 0;
	opts.utf8 = !(data[0] & 0x80);
	opts.all_info = data[0] & 0x40;
	if (hs_names_open(&opts, &names) || hs_names_domain_new(names, look, NULL, &d))
		goto out;
	hs_names_domain_begin(d, data[0] % 3, data[0] & 0x20);
	for (size_t at = 1, end; at < size; at = end + 1) {
		const uint8_t *stop = memchr(data + at, 0xff, size - at);

		end = stop ? (size_t)(stop - data) : size;
		if (stop && data[at] == 0xfe)
			hs_names_domain_add(d, data + at, end + 1 - at, cookie++);
		else
			hs_names_domain_add(d, data + at, end - at, cookie++);
	}
	hs_names_domain_end(d);
out:
	hs_names_domain_free(d);
	hs_names_close(names);
	return 0;
}
