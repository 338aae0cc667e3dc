/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/progress.h"

#include "report/report.h"

#define NS_PER_S 1000000000ull

void hs_meter_update(struct hs_meter *m, const struct hs_progress *p, uint64_t now_ns)
{
	unsigned newest = (m->next + HS_PROGRESS_SAMPLES - 1) % HS_PROGRESS_SAMPLES;
	unsigned oldest;
	uint64_t ns, units;

	if (m->phase != p->phase || (m->n && p->done < m->samples[newest].done))
		*m = (struct hs_meter){.phase = p->phase};
	m->samples[m->next].ns = now_ns;
	m->samples[m->next].done = p->done;
	m->next = (m->next + 1) % HS_PROGRESS_SAMPLES;
	if (m->n < HS_PROGRESS_SAMPLES)
		m->n++;
	oldest = m->n < HS_PROGRESS_SAMPLES ? 0 : m->next;
	ns = now_ns - m->samples[oldest].ns;
	units = p->done - m->samples[oldest].done;
	m->rate = 0;
	m->left_ns = UINT64_MAX;
	if (ns == 0 || units == 0)
		return;
	m->rate = (uint64_t)((long double)units * NS_PER_S / (long double)ns);
	if (p->total >= p->done && p->total > 0)
		m->left_ns = (uint64_t)((long double)(p->total - p->done) * (long double)ns /
					(long double)units);
}

/* Cuts the line at `columns` columns, counting a UTF-8 character as one. */
static void cut(struct hs_strbuf *out, size_t start, size_t columns)
{
	size_t seen = 0;

	for (size_t i = start; i < out->len; i++) {
		if (((uint8_t)out->s[i] & 0xc0) == 0x80)
			continue;
		if (seen++ == columns) {
			out->len = i;
			out->s[i] = '\0';
			return;
		}
	}
}

void hs_progress_line(struct hs_strbuf *out, const struct hs_progress *p, const struct hs_meter *m,
		      size_t columns)
{
	size_t start = out->len;

	hs_strbuf_printf(out, "%s: ", p->phase);
	if (p->total) {
		uint64_t done = p->done < p->total ? p->done : p->total;

		hs_strbuf_printf(out, "%3u%%, ",
				 (unsigned)((long double)done * 100 / (long double)p->total));
	}
	hs_report_number(out, p->done);
	if (p->total) {
		hs_strbuf_puts(out, " of ");
		hs_report_number(out, p->total);
	}
	hs_strbuf_printf(out, " %s", p->unit);
	if (m->rate) {
		hs_strbuf_puts(out, ", ");
		hs_report_number(out, m->rate);
		hs_strbuf_puts(out, "/s");
	}
	if (m->left_ns != UINT64_MAX) {
		hs_strbuf_puts(out, ", ");
		/* Whole seconds: a forecast is no measurement. */
		hs_report_duration(out, (m->left_ns + NS_PER_S - 1) / NS_PER_S * NS_PER_S);
		hs_strbuf_puts(out, " left");
	}
	if (p->findings) {
		hs_strbuf_puts(out, ", ");
		hs_report_number(out, p->findings);
		hs_strbuf_puts(out, p->findings == 1 ? " finding" : " findings");
	}
	if (columns && !hs_strbuf_error(out))
		cut(out, start, columns);
}
