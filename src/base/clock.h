/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time: a monotonic clock for durations and rates, the wall clock for what people read.
 */
#ifndef HS_BASE_CLOCK_H
#define HS_BASE_CLOCK_H

#include <stdint.h>

uint64_t hs_now_ns(void);   /* monotonic, nanoseconds */
int64_t hs_wall_time(void); /* seconds since 1970-01-01 UTC */

#endif
