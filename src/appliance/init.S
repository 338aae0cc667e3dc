/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest's init as data, so that the launcher needs to find no file for it.
 */
	.section .rodata
	.balign	16
	.global	hs_appliance_init
	.global	hs_appliance_init_end
hs_appliance_init:
	.incbin	HS_INIT
hs_appliance_init_end:
	.section .note.GNU-stack, "", @progbits
