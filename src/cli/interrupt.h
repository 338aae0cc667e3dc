/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGINT and SIGTERM ask the work to stop; a second one ends the program as the signal would.
 */
#ifndef HS_CLI_INTERRUPT_H
#define HS_CLI_INTERRUPT_H

#include "work/pipeline.h"

/* Installs the handlers (once) and returns what they set. */
struct hs_stop *hs_interrupt_stop(void);

#endif
