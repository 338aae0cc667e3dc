/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When the data of files are to be read again: an interval, and a stamp file whose time of last
 * modification says when they were read last.
 */
#ifndef HS_XFS_MEDIADUE_H
#define HS_XFS_MEDIADUE_H

#include <stdbool.h>
#include <time.h>

#include "base/err.h"

/*
 * "1mo", "2.5d", "3600": seconds. Units as xfs_scrub_all has them: y (365.2425 days), q (90 days),
 * mo (30 days), w, d, h, m, s; none is seconds. -EINVAL for what is no number of 0 or more, -ERANGE
 * beyond what a time can be.
 */
errint_t hs_xfs_interval_parse(const char *text, double *seconds);

/*
 * Whether the interval has passed since `stamp` was last modified. True, too, if the file is not
 * there, or if it is from the future: then a clock was wrong, and it proves nothing.
 */
errint_t hs_xfs_media_due(const char *stamp, double interval, time_t now, bool *due);

/* Makes the file, or sets its time to the present. */
errint_t hs_xfs_media_stamp(const char *stamp);

#endif
