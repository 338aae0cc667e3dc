/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the launcher and the guest's init say to each other.
 *
 * The job is a file of the initramfs: NUL-terminated "key=value" strings in this order:
 *
 *   disk=NAME INDEX STORE	unit INDEX is /disk/NAME; its writes go to unit STORE unless -1
 *   share=DIR			the shared directory is to be mounted there
 *   tty=1			the command gets a terminal
 *   mount=DISK			to be mounted before the command; then, in this order:
 *   mount-dir=DIR
 *   mount-type=TYPE
 *   mount-options=OPTIONS	may be empty
 *   env=NAME=VALUE		any number
 *   arg=WORD			argv, at least one
 *
 * The lines are consoles of the guest, each a socket of the host:
 *
 *   control	text lines. To the guest: "signal N", "size ROWS COLUMNS", "eof BYTES" (standard
 *		input ends after so many), "stop" (kill the command, then go down). From the guest:
 *		"log TEXT", "stuck TEXT" (what could not be unmounted), "exit N" or "killed N" or
 *		"unmountable ERRNO DIR" (the command was not run), then "down".
 *   stdio	standard input and output; both directions of the terminal
 *   errors	standard error
 */
#ifndef HS_APPLIANCE_JOB_H
#define HS_APPLIANCE_JOB_H

#define HS_JOB_PATH "/appliance/job"
#define HS_JOB_LINE 512 /* longest control line with its newline */

/* Numbers of the guest's consoles: conN of the command line, /dev/ttyN inside. */
#define HS_LINE_CONTROL 1
#define HS_LINE_STDIO	2
#define HS_LINE_ERRORS	3

#endif
