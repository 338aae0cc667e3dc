/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stdarg.h>

#include "base/strbuf.h"

void hs_log(struct hs_log *log, enum hs_log_level level, const char *fmt, ...)
{
	struct hs_strbuf text = HS_STRBUF_INIT;
	va_list ap;

	if (!log || level > log->max)
		return;
	va_start(ap, fmt);
	hs_strbuf_vprintf(&text, fmt, ap);
	va_end(ap);
	log->emit(log, level, hs_strbuf_str(&text));
	hs_strbuf_free(&text);
}
