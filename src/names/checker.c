/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker: ICU's objects and what is taken from them once, so that ASCII names need them no
 * more. A skeleton is NFD, a mapping of each code point, NFD. Where no mapped code point of an
 * ASCII character combines, the skeleton of an ASCII name is its characters' skeletons end to end.
 */
#include "names/internal.h"

#include <stdlib.h>
#include <sys/random.h>

static errint_t draw_hash(struct hs_names *names)
{
	uint64_t seed[3];

	/* only the speed depends on these: equal hashes are always followed by a comparison */
	if (getrandom(seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return -errno;
	names->start = seed[0] | 1;
	/* 3 mod 8: no small power of the base is 1 */
	names->base = (seed[1] & ~(uint64_t)7) | 3;
	names->unit = seed[2] | 1;
	return 0;
}

static void classify_bytes(struct hs_names *names)
{
	for (unsigned int c = 0; c < 256; c++) {
		if (c >= 0x80)
			names->byte_class[c] = BYTE_NONASCII;
		else if (c < 0x20 || c == 0x7f)
			names->byte_class[c] = BYTE_CONTROL;
	}
}

static bool combines(const struct names_ustring *s)
{
	for (int32_t i = 0; i < s->len;) {
		UChar32 c;

		U16_NEXT(s->u, i, s->len, c);
		if (u_getCombiningClass(c) != 0)
			return true;
	}
	return false;
}

static errint_t ascii_tables(struct hs_names *names)
{
	struct names_ustring skel = {0}, work = {0};
	errint_t err = 0;

	names->ascii_exact = true;
	for (unsigned int c = 0; c < 128; c++) {
		UChar unit = (UChar)c;
		struct names_ustring one = {&unit, 1, 1};
		uint64_t mul = 1, add = 0;

		err = names_ustring_skeleton(names->spoof, &one, &work, &skel);
		if (err)
			break;
		if (skel.len > ASCII_SKEL_MAX || combines(&skel)) {
			names->ascii_exact = false;
			break;
		}
		for (int32_t i = 0; i < skel.len; i++) {
			names->skel[c][i] = skel.u[i];
			mul *= names->base;
			add = add * names->base + skel.u[i] * names->unit;
		}
		names->skel_len[c] = (uint8_t)skel.len;
		names->skel_mul[c] = mul;
		names->skel_add[c] = add;
		names->fold_add[c] = (c >= 'A' && c <= 'Z' ? c + 32 : c) * names->unit;
	}
	names_ustring_free(&skel);
	names_ustring_free(&work);
	return err;
}

static errint_t open_icu(struct hs_names *names)
{
	UErrorCode code = U_ZERO_ERROR;

	names->spoof = uspoof_open(&code);
	uspoof_setChecks(names->spoof, USPOOF_ALL_CHECKS, &code);
	names->nfc = unorm2_getNFCInstance(&code);
	names->nfkc = unorm2_getNFKCInstance(&code);
	if (code == U_MEMORY_ALLOCATION_ERROR)
		return -ENOMEM;
	return U_FAILURE(code) ? -ENOTSUP : 0;
}

errint_t hs_names_open(const struct hs_names_options *opts, struct hs_names **out)
{
	struct hs_names *names = calloc(1, sizeof(*names));
	errint_t err;

	*out = NULL;
	if (!names)
		return -ENOMEM;
	names->opts = *opts;
	if (names->opts.memory == 0)
		names->opts.memory = HS_NAMES_MEMORY_DEFAULT;
	classify_bytes(names);
	err = draw_hash(names);
	if (!err && opts->utf8)
		err = open_icu(names);
	if (!err && opts->utf8)
		err = ascii_tables(names);
	if (err) {
		hs_names_close(names);
		return err;
	}
	*out = names;
	return 0;
}

void hs_names_close(struct hs_names *names)
{
	if (!names)
		return;
	if (names->spoof)
		uspoof_close(names->spoof);
	free(names);
}
