/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which loader a program wants (ELF, System V ABI; #! of a script).
 */
#ifndef HS_APPLIANCE_PROGRAM_H
#define HS_APPLIANCE_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

enum hs_program_kind {
	HS_PROGRAM_OTHER,   /* data, or an ELF file this machine cannot run */
	HS_PROGRAM_STATIC,  /* needs nothing */
	HS_PROGRAM_DYNAMIC, /* `interpreter` loads it */
	HS_PROGRAM_LIBRARY, /* shared object without an interpreter of its own */
	HS_PROGRAM_SCRIPT,  /* `interpreter` reads it */
};

struct hs_program {
	enum hs_program_kind kind;
	char interpreter[256]; /* NUL-terminated; empty when there is none */
};

/*
 * Looks at the first `len` bytes of a file (4 KiB are enough for what linkers make; program headers
 * or an interpreter beyond them make the kind HS_PROGRAM_OTHER).
 */
void hs_program_decode(const uint8_t *buf, size_t len, struct hs_program *out);

#endif
