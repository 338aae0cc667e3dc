/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a program is loaded by: an interpreter is an absolute path, and there only where said. */
#include "fuzz.h"

#include "appliance/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hs_program p;

	hs_program_decode(data, size, &p);
	fuzz_require(memchr(p.interpreter, '\0', sizeof(p.interpreter)) != NULL);
	if (p.kind == HS_PROGRAM_DYNAMIC || p.kind == HS_PROGRAM_SCRIPT)
		fuzz_require(p.interpreter[0] == '/');
	else
		fuzz_require(p.interpreter[0] == '\0');
	return 0;
}
