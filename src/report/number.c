/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers as people read them.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/report.h"

#define NS_PER_S 1000000000ull

void hs_report_number(struct hs_strbuf *out, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			hs_strbuf_putc(out, ',');
		hs_strbuf_putc(out, digits[i]);
	}
}

void hs_report_bytes(struct hs_strbuf *out, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	double v = (double)bytes;
	size_t u = 0;

	if (bytes < 1024) {
		hs_strbuf_printf(out, "%" PRIu64 " bytes", bytes);
		return;
	}
	/* 1023.95 would print as 1024.0. */
	for (v /= 1024; v >= 1023.95 && u + 1 < strlen(units); u++)
		v /= 1024;
	hs_strbuf_printf(out, "%.1f %ciB", v, units[u]);
}

void hs_report_duration(struct hs_strbuf *out, uint64_t ns)
{
	uint64_t s = ns / NS_PER_S;

	if (ns % NS_PER_S && s < 60)
		hs_strbuf_printf(out, "%.2f s", (double)ns / (double)NS_PER_S);
	else if (s < 60)
		hs_strbuf_printf(out, "%" PRIu64 " s", s);
	else if (s < 3600)
		hs_strbuf_printf(out, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < 86400)
		hs_strbuf_printf(out, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		hs_strbuf_printf(out, "%" PRIu64 " d %" PRIu64 " h", s / 86400, s / 3600 % 24);
}
