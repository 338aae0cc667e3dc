/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judged.h"

#include <string.h>

#include "lfsck/verdict.h"
#include "run/read.h"

static errint_t add(const struct hs_finding *f, void *arg)
{
	struct judged *j = arg;

	j->findings++;
	if (f->state == HS_STATE_UNDECIDED || f->severity == HS_SEV_NOTE)
		return 0;
	j->decided++;
	hs_strbuf_printf(&j->text, "%s %s %s: %s\n", f->rule, f->target ? f->target : "-",
			 f->object ? f->object : "-", f->message);
	for (size_t i = 0; i < f->n_facts; i++)
		hs_strbuf_printf(&j->text, "    %s: %s\n", f->facts[i].witness, f->facts[i].claim);
	return 0;
}

errint_t judged_system(struct hs_system *sys, const struct hs_check_params *params,
		       struct judged *out)
{
	/* a place where no directory can be made: the run is kept in memory */
	const struct hs_run_params run_params = {
		.command = "test", .fsname = "test", .state_dir = "/dev/null/nowhere"};
	struct hs_strbuf why = HS_STRBUF_INIT;
	struct hs_verdict verdict;
	struct hs_run *run = NULL;
	struct hs_check check;
	errint_t err;

	memset(out, 0, sizeof(*out));
	err = hs_run_create(&run_params, &run, &why);
	hs_strbuf_free(&why);
	if (err)
		return err;
	err = hs_check_init(&check, sys, params);
	if (!err) {
		err = hs_verdict_init(&verdict, &check, run);
		if (!err)
			err = hs_check_run(&check, hs_verdict_take, &verdict);
		if (!err)
			err = hs_verdict_give(&verdict);
		hs_verdict_free(&verdict);
		hs_check_free(&check);
	}
	if (!err)
		err = hs_run_each_finding(run, add, out);
	hs_run_close(run);
	return err;
}

void judged_free(struct judged *j)
{
	hs_strbuf_free(&j->text);
}
