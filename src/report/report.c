/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

#include <time.h>

#include "base/cleanup.h"
#include "report/lctl.h"

static errint_t write_out(FILE *out, struct hs_strbuf *text)
{
	errint_t err = hs_strbuf_error(text);

	errno = 0;
	if (!err && text->len && fwrite(text->s, 1, text->len, out) != text->len)
		err = errno ? -errno : -EIO;
	hs_strbuf_reset(text);
	return err;
}

struct state {
	const struct hs_report *report;
	struct hs_strbuf text; /* reused from record to record */
};

static errint_t show(const struct hs_finding *f, void *arg)
{
	struct state *st = arg;

	if (st->report->form == HS_REPORT_JSON)
		hs_report_finding_json(&st->text, f);
	else
		hs_report_finding_text(&st->text, f);
	return write_out(st->report->out, &st->text);
}

errint_t hs_report_run(const struct hs_report *report, struct hs_run *run)
{
	struct state st = {.report = report, .text = HS_STRBUF_INIT};
	errint_t err;

	err = hs_run_each_finding(run, show, &st);
	if (!err && report->stats)
		err = hs_report_lctl(&st.text, run, report->form == HS_REPORT_JSON, time(NULL));
	if (!err && report->form == HS_REPORT_JSON)
		err = hs_report_summary_json(&st.text, run);
	else if (!err && report->detail != HS_REPORT_QUIET)
		err = hs_report_summary_text(&st.text, run, report->detail);
	if (!err)
		err = write_out(report->out, &st.text);
	hs_strbuf_free(&st.text);
	errno = 0;
	if (!err && fflush(report->out))
		err = errno ? -errno : -EIO;
	return err;
}
