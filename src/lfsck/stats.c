/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lfsck/stats.h"

#include <stdio.h>
#include <stdlib.h>

errint_t hs_stats_init(struct hs_stats *s, size_t n_targets)
{
	s->n_targets = n_targets;
	s->n_rules = hs_rule_count();
	s->counts = calloc(n_targets * s->n_rules, sizeof(*s->counts));
	return s->counts ? 0 : -ENOMEM;
}

void hs_stats_free(struct hs_stats *s)
{
	free(s->counts);
	*s = (struct hs_stats){0};
}

void hs_stats_count(struct hs_stats *s, const struct hs_target *t, const struct hs_rule *rule)
{
	for (size_t r = 0; r < s->n_rules; r++) {
		if (hs_rule_at(r) == rule)
			s->counts[t->pos * s->n_rules + r]++;
	}
}

/* Rule notes 9: each "repaired" has an "inconsistent" in a dry run, but not all by that word. */
const char *hs_stats_dryrun_name(const char *counter, char out[HS_STATS_NAME])
{
	static const char mark[] = "repaired";
	const char *at = strstr(counter, mark);

	if (!strcmp(counter, "updated"))
		snprintf(out, HS_STATS_NAME, "inconsistent");
	else if (!strcmp(counter, "linkea_overflow_cleared"))
		snprintf(out, HS_STATS_NAME, "linkea_overflow_inconsistent");
	else if (at)
		snprintf(out, HS_STATS_NAME, "%.*sinconsistent%s", (int)(at - counter), counter,
			 at + sizeof(mark) - 1);
	else
		snprintf(out, HS_STATS_NAME, "%s", counter);
	return out;
}

static const char *parameter(const struct hs_rule *rule)
{
	switch (rule->component) {
	case HS_RULE_SCRUB:
		return "oi_scrub";
	case HS_RULE_LAYOUT:
	case HS_RULE_LASTID:
		return "lfsck_layout";
	default:
		return "lfsck_namespace";
	}
}

/* Found while LFSCK reads the directories; the rest it finds in its second phase. */
static bool is_phase1(const char *counter)
{
	static const char *const first[] = {
		"dirent_repaired",	    "bad_file_type_repaired", "dangling_repaired",
		"name_hash_repaired",	    "striped_dirs_repaired",  "striped_shards_repaired",
		"unmatched_pairs_repaired",
	};

	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
		if (!strcmp(counter, first[i]))
			return true;
	}
	return false;
}

static errint_t add(struct hs_run *run, const char *label, const char *param, const char *name,
		    uint64_t n)
{
	char key[2 * HS_STATS_NAME];

	if (!n)
		return 0;
	snprintf(key, sizeof(key), "%s.%s", param, name);
	return hs_run_add_total(run, label, key, (int64_t)n);
}

static errint_t record_findings(const struct hs_stats *s, struct hs_run *run, const char *label,
				size_t pos)
{
	errint_t err = 0;

	for (size_t r = 0; !err && r < s->n_rules; r++) {
		const struct hs_rule *rule = hs_rule_at(r);
		uint64_t n = s->counts[pos * s->n_rules + r];
		char name[HS_STATS_NAME];

		if (!rule->counter)
			continue;
		err = add(run, label, parameter(rule), hs_stats_dryrun_name(rule->counter, name),
			  n);
		if (!err && !strcmp(parameter(rule), "lfsck_namespace"))
			err = add(run, label, "lfsck_namespace",
				  is_phase1(rule->counter) ? "inconsistent_phase1"
							   : "inconsistent_phase2",
				  n);
	}
	return err;
}

/* What was looked at. The names are LFSCK's; what each holds is told in the manual page. */
static errint_t record_scan(const struct hs_check *c, struct hs_run *run, const char *label,
			    size_t pos)
{
	const struct hs_target *t = c->sys->targets[pos];
	const struct hs_target_counts *n = &c->counts[pos];
	bool mdt = hs_target_is_mdt(t);
	const struct {
		const char *param, *name;
		uint64_t n;
	} totals[] = {
		{"oi_scrub", "oi_files", t->oi_files},
		{"oi_scrub", "checked", n->inodes},
		{"oi_scrub", "noscrub", n->objects[HS_CLASS_STRUCTURAL]},
		{"oi_scrub", "igif", n->objects[HS_CLASS_NAMELESS]},
		{"oi_scrub", "lf_scanned", mdt ? 0 : t->n_lost_found},
		{"oi_scrub", "last_checkpoint_position", hs_fs_geo(t->fs)->inodes},
		{"lfsck_layout", "checked_phase1",
		 n->objects[mdt ? HS_CLASS_NAMESPACE : HS_CLASS_OBJECT]},
		{"lfsck_layout", "last_checkpoint_position", hs_fs_geo(t->fs)->inodes},
		{"lfsck_namespace", "last_checkpoint_position", mdt ? hs_fs_geo(t->fs)->inodes : 0},
		{"lfsck_namespace", "checked_phase1", n->names},
		{"lfsck_namespace", "checked_phase2", mdt ? n->objects[HS_CLASS_NAMESPACE] : 0},
		{"lfsck_namespace", "directories", n->directories},
		{"lfsck_namespace", "multiple_linked_checked", n->multiple_linked},
		{"lfsck_namespace", "local_lost_found_scanned", mdt ? t->n_lost_found : 0},
		{"lfsck_namespace", "striped_dirs_scanned", n->masters},
		{"lfsck_namespace", "striped_shards_scanned", n->shards},
	};
	errint_t err = 0;

	for (size_t i = 0; !err && i < sizeof(totals) / sizeof(totals[0]); i++)
		err = add(run, label, totals[i].param, totals[i].name, totals[i].n);
	return err;
}

errint_t hs_stats_record(const struct hs_stats *s, const struct hs_check *c, struct hs_run *run)
{
	errint_t err = 0;

	for (size_t i = 0; !err && i < c->sys->n_targets; i++) {
		char label[16];

		hs_tgt_text(c->sys->targets[i]->id, label);
		err = record_scan(c, run, label, i);
		if (!err)
			err = record_findings(s, run, label, i);
	}
	return err;
}
