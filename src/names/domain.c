/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One naming domain: each name is judged by itself and against those before it, found by two
 * hashes. Equal NFKC implies equal folded form, so one table finds identical names and case twins;
 * the other finds equal skeletons. A hash is only a hint: forms are compared before anything is
 * said, and both names' forms are made for that, which few names need.
 *
 * What is said of a pair does not depend on which name came first, but for the name it is said of.
 */
#include "names/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "names/store.h"

/* Info about shorter names is withheld, as xfs_scrub does (format notes XFS 8.4). */
#define SHORT_NAME 4

struct hs_names_domain {
	const struct hs_names *names;
	hs_name_report_fn report;
	void *ctx;
	enum hs_names_kind kind;
	bool trusted;
	uint64_t unsearched;
	struct names_forms mine, theirs;
	struct names_store store;
};

/* A name on its way through. */
struct candidate {
	const uint8_t *name;
	size_t len;
	struct names_stored rec;
	uint32_t hash[STORE_KEYS];
	unsigned int traits;
	unsigned int made; /* forms in d->mine */
	unsigned int keys; /* tables that have room for one more like it */
	enum hs_name_class class;
	const struct names_stored *other;
};

errint_t hs_names_domain_new(const struct hs_names *names, hs_name_report_fn report, void *ctx,
			     struct hs_names_domain **out)
{
	struct hs_names_domain *d = calloc(1, sizeof(*d));

	*out = d;
	if (!d)
		return -ENOMEM;
	d->names = names;
	d->report = report;
	d->ctx = ctx;
	names_store_init(&d->store, names->opts.memory);
	return 0;
}

void hs_names_domain_free(struct hs_names_domain *d)
{
	if (!d)
		return;
	names_forms_free(&d->mine);
	names_forms_free(&d->theirs);
	names_store_free(&d->store);
	free(d);
}

void hs_names_domain_begin(struct hs_names_domain *d, enum hs_names_kind kind, bool trusted)
{
	d->kind = kind;
	d->trusted = trusted;
	d->unsearched = 0;
	names_store_reset(&d->store);
}

size_t hs_names_domain_memory(const struct hs_names_domain *d)
{
	return sizeof(*d) + names_forms_memory(&d->mine) + names_forms_memory(&d->theirs) +
	       names_store_memory(&d->store);
}

static bool withheld(const struct hs_names_domain *d, enum hs_name_class class, size_t len)
{
	if (d->names->opts.all_info || hs_name_class_level(class) != HS_NAME_INFO)
		return false;
	if (class == HS_NAME_INVALID_UTF8 || class == HS_NAME_NOT_SEARCHED ||
	    class == HS_NAME_CONTROL_BYTE)
		return false;
	return d->trusted || d->kind == HS_NAMES_LABEL || len < SHORT_NAME;
}

static void say(struct hs_names_domain *d, enum hs_name_class class, const struct candidate *c)
{
	struct hs_name_report r = {
		.class = class,
		.level = hs_name_class_level(class),
		.kind = d->kind,
		.name = c->name,
		.len = c->len,
		.cookie = c->rec.cookie,
		.text = names_class_text(class),
	};

	if (withheld(d, class, c->len))
		return;
	if (c->other) {
		r.other = names_store_bytes(&d->store, c->other);
		r.other_len = c->other->len;
		r.other_cookie = c->other->cookie;
	}
	/* what is hidden is in the name that has more than it shows */
	if (class == HS_NAME_INVISIBLE && !c->rec.invisible) {
		r.name = r.other;
		r.len = r.other_len;
		r.cookie = r.other_cookie;
		r.other = c->name;
		r.other_len = c->len;
		r.other_cookie = c->rec.cookie;
	}
	d->report(&r, d->ctx);
}

/* One pass over the bytes: their classes, and both hashes as they are if all is ASCII. */
static unsigned int scan_bytes(const struct hs_names *names, const uint8_t *p, size_t len,
			       uint32_t hash[STORE_KEYS])
{
	uint64_t fold = names->start, skel = names->start;
	unsigned int seen = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned int c = p[i] & 0x7f;

		seen |= names->byte_class[p[i]];
		fold = fold * names->base + names->fold_add[c];
		skel = skel * names->skel_mul[c] + names->skel_add[c];
	}
	hash[STORE_FOLD] = hash_end(fold);
	hash[STORE_SKEL] = hash_end(skel);
	return seen;
}

static bool valid_utf8(const uint8_t *p, size_t len)
{
	while (len > 0) {
		size_t n = hs_utf8_len(p, len);

		if (n == 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* Everything about a name that the bytes do not show at once. */
static errint_t look_closely(struct hs_names_domain *d, struct candidate *c)
{
	const struct hs_names *names = d->names;
	const unsigned int all = FORM_NFKC | FORM_FOLD | FORM_SKEL;
	errint_t err = names_forms_make(names, &d->mine, c->name, c->len, false, all);

	if (!err)
		err = names_traits(names, &d->mine, d->kind, &c->traits);
	if (err)
		return err;
	c->made = all;
	c->rec.invisible = (c->traits & TRAIT_INVISIBLE) != 0;
	c->hash[STORE_FOLD] = names_ustring_hash(names, &d->mine.fold);
	c->hash[STORE_SKEL] = names_ustring_hash(names, &d->mine.skel);
	return 0;
}

static errint_t compare(struct hs_names_domain *d, struct candidate *c,
			const struct names_stored *other, unsigned int which)
{
	unsigned int missing = which & ~c->made;
	errint_t err = 0;

	if (missing)
		err = names_forms_make(d->names, &d->mine, c->name, c->len, c->rec.ascii, missing);
	if (err)
		return err;
	c->made |= missing;
	return names_forms_make(d->names, &d->theirs, names_store_bytes(&d->store, other),
				other->len, other->ascii, which);
}

static void better(struct candidate *c, enum hs_name_class class, const struct names_stored *other)
{
	if (class >= c->class)
		return;
	c->class = class;
	c->other = other;
}

/*
 * Names with the same folded form: identical ones and case twins. *again is set when the very same
 * name is there already.
 */
static errint_t match_fold(struct hs_names_domain *d, struct candidate *c, bool *again)
{
	struct names_stored *other;
	unsigned int alike = 0;
	size_t at = 0;

	while ((other = names_store_next(&d->store, STORE_FOLD, c->hash[STORE_FOLD], &at))) {
		errint_t err;

		if (other->len == c->len &&
		    memcmp(names_store_bytes(&d->store, other), c->name, c->len) == 0) {
			other->cookie = c->rec.cookie;
			*again = true;
			return 0;
		}
		alike++;
		if (d->kind == HS_NAMES_DIRECTORY && other->cookie == c->rec.cookie)
			continue;
		err = compare(d, c, other, FORM_NFKC | FORM_FOLD);
		if (err)
			return err;
		if (names_ustring_equal(&d->mine.nfkc, &d->theirs.nfkc))
			better(c, HS_NAME_IDENTICAL, other);
		else if (names_ustring_equal(&d->mine.fold, &d->theirs.fold))
			better(c, HS_NAME_CASE_TWIN, other);
	}
	if (alike < HS_NAMES_ALIKE_MAX)
		c->keys |= 1u << STORE_FOLD;
	return 0;
}

static errint_t match_skeleton(struct hs_names_domain *d, struct candidate *c)
{
	const struct names_stored *other;
	unsigned int alike = 0;
	size_t at = 0;

	while ((other = names_store_next(&d->store, STORE_SKEL, c->hash[STORE_SKEL], &at))) {
		errint_t err;

		alike++;
		if (d->kind == HS_NAMES_DIRECTORY && other->cookie == c->rec.cookie)
			continue;
		err = compare(d, c, other, FORM_SKEL);
		if (err)
			return err;
		if (!names_ustring_equal(&d->mine.skel, &d->theirs.skel))
			continue;
		if (c->rec.invisible || other->invisible)
			better(c, HS_NAME_INVISIBLE, other);
		else if (c->rec.ascii && other->ascii)
			better(c, HS_NAME_ASCII_ALIKE, other);
		else
			better(c, HS_NAME_CONFUSABLE, other);
	}
	if (alike < HS_NAMES_ALIKE_MAX)
		c->keys |= 1u << STORE_SKEL;
	return 0;
}

/* The first class that the name alone gives. */
static enum hs_name_class class_alone(unsigned int traits)
{
	static const struct {
		unsigned int trait;
		enum hs_name_class class;
	} order[] = {
		{TRAIT_OVERRIDE, HS_NAME_BIDI_OVERRIDE}, {TRAIT_PHONY, HS_NAME_PHONY_EXTENSION},
		{TRAIT_CONTROL, HS_NAME_CONTROL},	 {TRAIT_VARIATION, HS_NAME_VARIATION},
		{TRAIT_MIXED, HS_NAME_BIDI_MIXED},	 {TRAIT_BLANK, HS_NAME_BLANK},
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (traits & order[i].trait)
			return order[i].class;
	}
	return HS_NAME_CLASSES;
}

/* Not in a UTF-8 locale (format notes XFS 8.2). */
static void add_bytes(struct hs_names_domain *d, const struct candidate *c)
{
	for (size_t i = 0; i < c->len; i++) {
		/* NUL is not looked for: the interfaces that list names end them with it */
		if (c->name[i] != 0 && (d->names->byte_class[c->name[i]] & BYTE_CONTROL)) {
			say(d, HS_NAME_CONTROL_BYTE, c);
			return;
		}
	}
}

static errint_t add_unicode(struct hs_names_domain *d, struct candidate *c)
{
	unsigned int seen = scan_bytes(d->names, c->name, c->len, c->hash);
	bool again = false;
	errint_t err = 0;

	c->rec.ascii = !(seen & BYTE_NONASCII);
	if (!c->rec.ascii && !valid_utf8(c->name, c->len)) {
		say(d, HS_NAME_INVALID_UTF8, c);
		return 0;
	}
	if (seen || !d->names->ascii_exact)
		err = look_closely(d, c);
	else if (c->name[0] == ' ' || c->name[c->len - 1] == ' ')
		c->traits = TRAIT_BLANK;
	if (!err)
		err = match_fold(d, c, &again);
	if (err || again)
		return err;
	err = match_skeleton(d, c);
	if (err)
		return err;
	if (class_alone(c->traits) < c->class) {
		c->class = class_alone(c->traits);
		c->other = NULL;
	}
	if (c->class != HS_NAME_CLASSES)
		say(d, c->class, c);
	if (c->keys && !names_store_add(&d->store, &c->rec, c->name, c->hash, c->keys))
		d->unsearched++;
	return 0;
}

errint_t hs_names_domain_add(struct hs_names_domain *d, const void *name, size_t len,
			     uint64_t cookie)
{
	struct candidate c = {
		.name = name,
		.len = len,
		.rec = {.cookie = cookie, .len = (uint16_t)len},
		.class = HS_NAME_CLASSES,
	};

	if (len == 0) {
		if (d->kind != HS_NAMES_LABEL)
			say(d, HS_NAME_EMPTY, &c);
		return 0;
	}
	if (len > HS_NAMES_LEN_MAX) {
		d->unsearched++;
		return 0;
	}
	if (d->names->opts.utf8)
		return add_unicode(d, &c);
	add_bytes(d, &c);
	return 0;
}

void hs_names_domain_end(struct hs_names_domain *d)
{
	struct hs_name_report r = {
		.class = HS_NAME_NOT_SEARCHED,
		.level = hs_name_class_level(HS_NAME_NOT_SEARCHED),
		.kind = d->kind,
		.count = d->unsearched,
		.text = names_class_text(HS_NAME_NOT_SEARCHED),
	};

	if (d->unsearched)
		d->report(&r, d->ctx);
	d->unsearched = 0;
	names_store_reset(&d->store);
}
