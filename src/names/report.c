/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of the classes: id, level and wording. The first eight are xfs_scrub's (format notes
 * XFS 8.4), whose words scripts and fstests look for.
 */
#include "names/names.h"
#include "names/internal.h"

#include <inttypes.h>

static const struct class_info {
	const char *id;
	enum hs_name_level level;
	const char *text;
} classes[HS_NAME_CLASSES] = {
	[HS_NAME_BIDI_OVERRIDE] =
		{"bidi-override", HS_NAME_WARNING,
		 "Unicode name \"%n\" in %w contains suspicious text direction overrides."},
	[HS_NAME_IDENTICAL] = {"identical", HS_NAME_WARNING,
			       "Unicode name \"%n\" in %w renders identically to \"%o\"."},
	[HS_NAME_INVISIBLE] =
		{"invisible", HS_NAME_WARNING,
		 "Unicode name \"%n\" in %w could be confused with '%o' due to invisible "
		 "characters."},
	[HS_NAME_PHONY_EXTENSION] =
		{"phony-extension", HS_NAME_WARNING,
		 "Unicode name \"%n\" in %w contains a possibly deceptive file extension."},
	[HS_NAME_CONTROL] = {"control", HS_NAME_WARNING,
			     "Unicode name \"%n\" in %w contains control characters."},
	[HS_NAME_VARIATION] =
		{"variation", HS_NAME_WARNING,
		 "Unicode name \"%n\" in %w contains a weird sequence of variation selectors."},
	[HS_NAME_BIDI_MIXED] = {"bidi-mixed", HS_NAME_INFO,
				"Unicode name \"%n\" in %w mixes bidirectional characters."},
	[HS_NAME_CONFUSABLE] = {"confusable", HS_NAME_INFO,
				"Unicode name \"%n\" in %w could be confused with \"%o\"."},
	[HS_NAME_ASCII_ALIKE] = {"ascii-alike", HS_NAME_INFO,
				 "Unicode name \"%n\" in %w could be confused with \"%o\"."},
	[HS_NAME_CASE_TWIN] = {"case-twin", HS_NAME_INFO,
			       "Unicode name \"%n\" in %w differs from \"%o\" in case only."},
	[HS_NAME_BLANK] = {"blank", HS_NAME_INFO,
			   "Unicode name \"%n\" in %w begins or ends with a blank."},
	[HS_NAME_INVALID_UTF8] = {"invalid-utf8", HS_NAME_INFO,
				  "Name \"%n\" in %w is not valid UTF-8."},
	[HS_NAME_CONTROL_BYTE] = {"control-byte", HS_NAME_INFO,
				  "Control character found in %w name \"%n\"."},
	[HS_NAME_EMPTY] = {"empty", HS_NAME_WARNING, "Zero length name found in %w."},
	[HS_NAME_NOT_SEARCHED] =
		{"not-searched", HS_NAME_INFO,
		 "%c names in %w were not searched for names like them: too many or too long."},
};

static const char *const kinds[] = {
	[HS_NAMES_DIRECTORY] = "directory",
	[HS_NAMES_XATTR] = "extended attribute",
	[HS_NAMES_LABEL] = "filesystem label",
};

const char *hs_name_class_id(enum hs_name_class class)
{
	return classes[class].id;
}

enum hs_name_level hs_name_class_level(enum hs_name_class class)
{
	return classes[class].level;
}

const char *names_class_text(enum hs_name_class class)
{
	return classes[class].text;
}

/* xfs_scrub's escapes; fstests look for the \xNN in lower case (format notes XFS 12.2). */
static void add_name(struct hs_strbuf *out, const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (name[i] < 0x20 || name[i] >= 0x7f)
			hs_strbuf_printf(out, "\\x%02x", name[i]);
		else
			hs_strbuf_putc(out, (char)name[i]);
	}
}

void hs_name_report_render(const struct hs_name_report *r, struct hs_strbuf *out)
{
	for (const char *p = r->text; *p; p++) {
		if (*p != '%') {
			hs_strbuf_putc(out, *p);
			continue;
		}
		switch (*++p) {
		case 'n':
			add_name(out, r->name, r->len);
			break;
		case 'o':
			add_name(out, r->other, r->other_len);
			break;
		case 'w':
			hs_strbuf_puts(out, kinds[r->kind]);
			break;
		default:
			hs_strbuf_printf(out, "%" PRIu64, r->count);
			break;
		}
	}
}
