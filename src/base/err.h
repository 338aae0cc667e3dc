/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How functions report that they could not do their job.
 *
 * errint_t is 0 or a negated errno value. Damage in a file system is data, never an error return:
 * decoders and readers describe it in their output.
 */
#ifndef HS_BASE_ERR_H
#define HS_BASE_ERR_H

#include <errno.h>

typedef int errint_t;

#endif
