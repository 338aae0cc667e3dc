/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes a name deceptive by itself. The sets of code points are xfs_scrub's (format notes XFS
 * 8.4) where a class is; the direction test takes Arabic letters as right-to-left too, and looks
 * neither at an ASCII extension nor at the namespace of an extended attribute, so that a Hebrew or
 * Arabic name with ".txt" is an ordinary name.
 */
#include "names/internal.h"

#include <unicode/uchar.h>

bool names_not_shown(UChar32 c)
{
	return c == 0x034f || (c >= 0x200b && c <= 0x200d) || c == 0x2028 || c == 0x2029 ||
	       (c >= 0x2060 && c <= 0x2064) || c == 0x2d7f || c == 0xfeff;
}

static bool like_full_stop(UChar32 c)
{
	return c == 0x0701 || c == 0x0702 || c == 0x2024 || c == 0xa4f8 || c == 0xfe52 ||
	       c == 0xff0e || c == 0xff61;
}

static bool variation_selector(UChar32 c)
{
	return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0100 && c <= 0xe01ef);
}

/* u_iscntrl() is Cc, Cf, Zl and Zp; the zero width joiner is part of emoji and Indic spelling. */
static bool control(UChar32 c)
{
	return c != 0x200d && u_iscntrl(c);
}

/* Blank on paper: white space, Hangul fillers, the empty Braille cell, a Mongolian separator. */
static bool blank(UChar32 c)
{
	return u_isUWhiteSpace(c) || c == 0x115f || c == 0x1160 || c == 0x180e || c == 0x2800 ||
	       c == 0x3164 || c == 0xffa0;
}

/* Without the namespace of an extended attribute and without ".ext" of up to 8 ASCII characters. */
static void direction_range(const struct names_ustring *s, enum hs_names_kind kind, int32_t *from,
			    int32_t *to)
{
	int32_t i = 0, end = s->len;

	*from = 0;
	*to = end;
	if (kind == HS_NAMES_XATTR) {
		while (i < end && s->u[i] != '.')
			i++;
		*from = i < end ? i + 1 : 0;
	}
	for (i = end; i > *from && end - i <= 8 && s->u[i - 1] < 0x80 && u_isalnum(s->u[i - 1]);)
		i--;
	if (i > *from && i < end && s->u[i - 1] == '.')
		*to = i - 1;
}

static bool mixes_directions(const struct names_ustring *s, enum hs_names_kind kind)
{
	bool left = false, right = false;
	int32_t i, end;

	direction_range(s, kind, &i, &end);
	while (i < end) {
		UChar32 c;
		UCharDirection dir;

		U16_NEXT(s->u, i, end, c);
		dir = u_charDirection(c);
		left |= dir == U_LEFT_TO_RIGHT;
		right |= dir == U_RIGHT_TO_LEFT || dir == U_RIGHT_TO_LEFT_ARABIC;
	}
	return left && right;
}

/*
 * A look-alike of the full stop and after it, to the end, only what an extension is made of. In
 * NFC, because NFKC makes real full stops of some look-alikes.
 */
static errint_t phony_extension(const struct hs_names *names, struct names_forms *f, bool *out)
{
	errint_t err = names_ustring_normalize(names->nfc, &f->raw, &f->work);
	bool open = false;

	*out = false;
	if (err)
		return err;
	for (int32_t i = 0; i < f->work.len;) {
		UChar32 c;

		U16_NEXT(f->work.u, i, f->work.len, c);
		if (like_full_stop(c))
			open = true;
		else if (c != '.' && !names_not_shown(c) && !u_isalnum(c))
			open = false;
	}
	*out = open;
	return 0;
}

static bool blank_ends(const struct names_ustring *s)
{
	int32_t i = 0, end = s->len;
	UChar32 first, last;

	if (end == 0)
		return false;
	U16_NEXT(s->u, i, s->len, first);
	U16_PREV(s->u, 0, end, last);
	return blank(first) || blank(last);
}

errint_t names_traits(const struct hs_names *names, struct names_forms *f, enum hs_names_kind kind,
		      unsigned int *out)
{
	unsigned int traits = 0;
	bool selector = true, maybe_phony = false, phony = false;
	errint_t err = 0;

	for (int32_t i = 0; i < f->nfkc.len;) {
		UChar32 c;

		U16_NEXT(f->nfkc.u, i, f->nfkc.len, c);
		if (c == 0x202d || c == 0x202e)
			traits |= TRAIT_OVERRIDE;
		if (control(c))
			traits |= TRAIT_CONTROL;
		if (names_not_shown(c))
			traits |= TRAIT_INVISIBLE;
		/* `selector`: one stands right before, or this is the start */
		if (variation_selector(c) && selector)
			traits |= TRAIT_VARIATION;
		selector = variation_selector(c);
	}
	if (mixes_directions(&f->nfkc, kind))
		traits |= TRAIT_MIXED;
	if (blank_ends(&f->raw))
		traits |= TRAIT_BLANK;
	for (int32_t i = 0; i < f->raw.len; i++)
		maybe_phony |= like_full_stop(f->raw.u[i]);
	if (maybe_phony && kind == HS_NAMES_DIRECTORY)
		err = phony_extension(names, f, &phony);
	if (phony)
		traits |= TRAIT_PHONY;
	*out = traits;
	return err;
}
