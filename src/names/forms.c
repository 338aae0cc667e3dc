/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forms under which names are compared. For ASCII they come from the checker's tables, for all
 * other names from ICU; both say the same, which a unit test compares. Buffers grow and stay, so a
 * thread that has seen its longest name allocates no more.
 */
#include "names/internal.h"

#include <stdlib.h>
#include <string.h>

#include <unicode/ustring.h>

#include "base/array.h"

/* Enough for the usual name, so that the first call of ICU mostly fits. */
#define ROOM_FIRST 256

static errint_t icu_error(UErrorCode code)
{
	return code == U_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EIO;
}

static errint_t reserve(struct names_ustring *s, int32_t want)
{
	return hs_array_grow(&s->u, &s->room, (size_t)(want > ROOM_FIRST ? want : ROOM_FIRST));
}

/*
 * Judges what an ICU call said of its output. True: done, *err tells how. False: the output did not
 * fit and there is room for it now, so call again.
 */
static bool icu_done(struct names_ustring *out, int32_t len, UErrorCode *code, errint_t *err)
{
	if (*code == U_BUFFER_OVERFLOW_ERROR) {
		*code = U_ZERO_ERROR;
		*err = reserve(out, len);
		return *err != 0;
	}
	*err = U_FAILURE(*code) ? icu_error(*code) : 0;
	out->len = *err ? 0 : len;
	return true;
}

errint_t names_ustring_normalize(const UNormalizer2 *form, const struct names_ustring *in,
				 struct names_ustring *out)
{
	UErrorCode code = U_ZERO_ERROR;
	errint_t err = reserve(out, in->len);
	int32_t len;

	if (err)
		return err;
	do {
		len = unorm2_normalize(form, in->u, in->len, out->u, (int32_t)out->room, &code);
	} while (!icu_done(out, len, &code, &err));
	return err;
}

static errint_t fold_case(const struct names_ustring *in, struct names_ustring *out)
{
	UErrorCode code = U_ZERO_ERROR;
	errint_t err = reserve(out, in->len);
	int32_t len;

	if (err)
		return err;
	do {
		len = u_strFoldCase(out->u, (int32_t)out->room, in->u, in->len, U_FOLD_CASE_DEFAULT,
				    &code);
	} while (!icu_done(out, len, &code, &err));
	return err;
}

errint_t names_ustring_skeleton(const USpoofChecker *spoof, const struct names_ustring *in,
				struct names_ustring *work, struct names_ustring *out)
{
	UErrorCode code = U_ZERO_ERROR;
	errint_t err = reserve(work, in->len);
	int32_t len, i = 0, n = 0;

	if (err)
		return err;
	do {
		len = uspoof_getSkeleton(spoof, 0, in->u, in->len, work->u, (int32_t)work->room,
					 &code);
	} while (!icu_done(work, len, &code, &err));
	if (!err)
		err = reserve(out, work->len);
	if (err)
		return err;
	while (i < work->len) {
		UChar32 c;

		U16_NEXT(work->u, i, work->len, c);
		if (!u_isIDIgnorable(c) && !names_not_shown(c))
			U16_APPEND_UNSAFE(out->u, n, c);
	}
	out->len = n;
	return 0;
}

static errint_t from_utf8(const uint8_t *name, size_t len, struct names_ustring *out)
{
	UErrorCode code = U_ZERO_ERROR;
	errint_t err = reserve(out, (int32_t)len);

	if (err)
		return err;
	u_strFromUTF8(out->u, (int32_t)out->room, &out->len, (const char *)name, (int32_t)len,
		      &code);
	return U_FAILURE(code) ? icu_error(code) : 0;
}

static errint_t ascii_forms(const struct hs_names *names, struct names_forms *f,
			    const uint8_t *name, size_t len, unsigned int which)
{
	errint_t err = 0;

	/* an ASCII name is its own NFKC form, and its case folding is that of each letter */
	if (which & (FORM_NFKC | FORM_FOLD)) {
		if ((err = reserve(&f->nfkc, (int32_t)len)) ||
		    (err = reserve(&f->fold, (int32_t)len)))
			return err;
		for (size_t i = 0; i < len; i++) {
			f->nfkc.u[i] = name[i];
			f->fold.u[i] = name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i];
		}
		f->nfkc.len = f->fold.len = (int32_t)len;
	}
	if (which & FORM_SKEL) {
		err = reserve(&f->skel, (int32_t)len * ASCII_SKEL_MAX);
		if (err)
			return err;
		f->skel.len = 0;
		for (size_t i = 0; i < len; i++) {
			u_memcpy(f->skel.u + f->skel.len, names->skel[name[i]],
				 names->skel_len[name[i]]);
			f->skel.len += names->skel_len[name[i]];
		}
	}
	return 0;
}

errint_t names_forms_make(const struct hs_names *names, struct names_forms *f, const uint8_t *name,
			  size_t len, bool ascii, unsigned int which)
{
	errint_t err;

	if (ascii && names->ascii_exact)
		return ascii_forms(names, f, name, len, which);
	err = from_utf8(name, len, &f->raw);
	if (!err && (which & (FORM_NFKC | FORM_FOLD)))
		err = names_ustring_normalize(names->nfkc, &f->raw, &f->nfkc);
	if (!err && (which & FORM_FOLD))
		err = fold_case(&f->nfkc, &f->fold);
	if (!err && (which & FORM_SKEL))
		err = names_ustring_skeleton(names->spoof, &f->raw, &f->work, &f->skel);
	return err;
}

bool names_ustring_equal(const struct names_ustring *a, const struct names_ustring *b)
{
	return a->len == b->len && u_memcmp(a->u, b->u, a->len) == 0;
}

uint32_t names_ustring_hash(const struct hs_names *names, const struct names_ustring *s)
{
	uint64_t h = names->start;

	for (int32_t i = 0; i < s->len; i++)
		h = h * names->base + s->u[i] * names->unit;
	return hash_end(h);
}

void names_ustring_free(struct names_ustring *s)
{
	free(s->u);
	*s = (struct names_ustring){0};
}

void names_forms_free(struct names_forms *f)
{
	names_ustring_free(&f->raw);
	names_ustring_free(&f->nfkc);
	names_ustring_free(&f->fold);
	names_ustring_free(&f->skel);
	names_ustring_free(&f->work);
}

size_t names_forms_memory(const struct names_forms *f)
{
	return (f->raw.room + f->nfkc.room + f->fold.room + f->skel.room + f->work.room) *
	       sizeof(UChar);
}
