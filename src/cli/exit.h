/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the program returns: the bits of fsck(8), added up.
 */
#ifndef HS_CLI_EXIT_H
#define HS_CLI_EXIT_H

enum hs_exit {
	HS_EXIT_CLEAN = 0,
	HS_EXIT_CORRECTED = 1,	 /* something was wrong and has been repaired */
	HS_EXIT_UNCORRECTED = 4, /* something is wrong and has not been repaired */
	HS_EXIT_OPERATIONAL = 8, /* we could not do what was asked, or not all of it */
	HS_EXIT_USAGE = 16,	 /* the command line makes no sense */
	HS_EXIT_CANCELLED = 32,	 /* the user ended it */
};

#endif
