/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names in PENDING: the FID of an object that is open without a name (format notes, section 7).
 */
#ifndef HS_LUSTRE_PENDNAME_H
#define HS_LUSTRE_PENDNAME_H

#include "lustre/fid.h"

/*
 * Parses a FID without brackets, or the form of before 2.11: "%016llx:%08x:%08x:%2x" of the FID and
 * an operation of 0. False for any other name.
 */
bool hs_pendname_parse(const char *name, size_t len, struct hs_fid *out);

#endif
