/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decodes every Lustre EA of three real file systems, as their clients saw them: none may have a
 * flaw. Reads $HS_SHARED/images/lustre-2.17/set?/truth.jsonl.zst, one object a line, through
 * zstd(1); skipped when that is not there.
 *
 * Clients see two things otherwise than they are on disk: the bodies of a composite layout have no
 * lmm_oi, and trusted.lmv of a master has the FIDs of its stripes behind it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lustre/dmv.h"
#include "lustre/linkea.h"
#include "lustre/lma.h"
#include "lustre/lmv.h"
#include "lustre/lov.h"
#include "lustre/som.h"
#include "images.h"
#include "truth.h"

#define IFMT  0170000u
#define IFDIR 0040000u

struct totals {
	unsigned lma, link, lov, stripes, lmv, dmv, som, flawed;
};

static void complain(struct totals *t, const struct truth_name *o, const char *what, unsigned flaws)
{
	char fid[HS_FID_TEXT];

	fprintf(stderr, "%s: %s: flaws %#x\n", hs_fid_text(o->fid, fid), what, flaws);
	t->flawed++;
}

static void check_lma(const struct truth_name *o, struct totals *t, const uint8_t *v, size_t len)
{
	struct hs_lma m;

	t->lma++;
	if (!hs_lma_decode(v, len, &m) || !hs_fid_eq(m.fid, o->fid) ||
	    (m.incompat & ~(uint32_t)HS_LMAI_SUPPORTED))
		complain(t, o, "trusted.lma", m.incompat);
}

static void check_link(const struct truth_name *o, struct totals *t, const uint8_t *v, size_t len)
{
	struct hs_linkea_entry e;
	struct hs_linkea l;
	size_t pos = 0;
	unsigned names = 0;

	t->link++;
	hs_linkea_open(v, len, &l);
	while (hs_linkea_next(&l, &pos, &e))
		names++;
	if (l.flaws)
		complain(t, o, "trusted.link", l.flaws);
	if ((o->mode & IFMT) != IFDIR && names != o->nlink && l.overflow_time == 0)
		complain(t, o, "trusted.link: number of names", names);
}

static void check_lov(const struct truth_name *o, struct totals *t, const uint8_t *v, size_t len)
{
	unsigned missing_oi = 0;
	struct hs_lov l;

	if ((o->mode & IFMT) == IFDIR)
		return;
	t->lov++;
	if (hs_lov_decode(v, len, &l))
		abort();
	hs_lov_check(&l, o->fid);
	for (uint32_t i = 0; i < l.n_comps; i++) {
		const struct hs_lov_comp *c = &l.comps[i];

		t->stripes += c->n_records;
		missing_oi += c->oi_id == 0 && c->oi_seq == 0;
		for (uint32_t k = 0; k < c->n_records; k++) {
			struct hs_lov_stripe s;

			hs_lov_stripe(&l, c, k, &s);
			if (s.dummy || !hs_fid_is_sane(s.object) || s.object.oid == 0 || s.ost > 1)
				complain(t, o, "trusted.lov: stripe", k);
		}
	}
	if (l.composite && missing_oi == l.n_comps)
		l.flaws &= ~(unsigned)HS_LOVF_OI;
	if (l.flaws)
		complain(t, o, "trusted.lov", l.flaws);
	hs_lov_release(&l);
}

static void check_lmv(const struct truth_name *o, struct totals *t, const uint8_t *v, size_t len)
{
	struct hs_lmv l;

	t->lmv++;
	hs_lmv_decode(v, len, &l);
	if (l.flaws || (l.kind != HS_LMV_MASTER && l.kind != HS_LMV_FOREIGN))
		complain(t, o, "trusted.lmv", l.flaws);
}

static void check_dmv(const struct truth_name *o, struct totals *t, const uint8_t *v, size_t len)
{
	struct hs_dmv d;

	t->dmv++;
	if (!hs_dmv_decode(v, len, &d))
		complain(t, o, "trusted.dmv", 0);
}

static void check_som(const struct truth_name *o, struct totals *t, const uint8_t *v, size_t len)
{
	struct hs_som s;

	t->som++;
	if (!hs_som_decode(v, len, &s) || s.valid == 0 || s.valid > HS_SOM_LAZY)
		complain(t, o, "trusted.som", s.valid);
}

static const struct {
	const char *name;
	void (*check)(const struct truth_name *o, struct totals *t, const uint8_t *v, size_t len);
} checks[] = {
	{"trusted.lma", check_lma}, {"trusted.link", check_link}, {"trusted.lov", check_lov},
	{"trusted.lmv", check_lmv}, {"trusted.dmv", check_dmv},	  {"trusted.som", check_som},
};

static bool check_object(void *arg, struct truth_name *o)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		size_t len;
		uint8_t *v = truth_value(o->line, checks[i].name, &len);

		if (v)
			checks[i].check(o, arg, v, len);
		free(v);
	}
	return true;
}

int main(int argc, char **argv)
{
	const char *shared = images_shared(argc > 1 ? argv[1] : "../shared");
	struct totals t = {0};
	char path[4096];

	for (const char *set = "ABC"; *set; set++) {
		snprintf(path, sizeof(path), "%s/images/lustre-2.17/set%c/truth.jsonl.zst", shared,
			 *set);
		if (access(path, R_OK) != 0) {
			fprintf(stderr, "SKIPPED: no %s (set HS_SHARED)\n", path);
			return TEST_SKIP;
		}
		if (!truth_each(path, check_object, &t)) {
			fprintf(stderr, "cannot read %s\n", path);
			return 1;
		}
	}
	printf("lma %u, link %u, lov %u (stripes %u), lmv %u, dmv %u, som %u: %u flawed\n", t.lma,
	       t.link, t.lov, t.stripes, t.lmv, t.dmv, t.som, t.flawed);
	/* As many as a careful count found, so that a reader that finds nothing fails. */
	return t.flawed || t.lma != 7339 || t.link != 7336 || t.lov != 4628 || t.lmv != 18;
}
