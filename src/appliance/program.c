/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads an ELF header far enough to know whether and by what a program is loaded. Only 64-bit
 * little-endian x86-64 counts: nothing else runs in the guest.
 */
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include "appliance/program.h"
#include "base/bytes.h"

static void decode_script(const uint8_t *buf, size_t len, struct hs_program *out)
{
	size_t i = 2, n = 0;

	while (i < len && (buf[i] == ' ' || buf[i] == '\t'))
		i++;
	while (i < len && buf[i] > ' ' && n < sizeof(out->interpreter) - 1)
		out->interpreter[n++] = (char)buf[i++];
	out->interpreter[n] = '\0';
	if (n && out->interpreter[0] == '/')
		out->kind = HS_PROGRAM_SCRIPT;
	else
		out->interpreter[0] = '\0';
}

/* The text of PT_INTERP; false if it is out of the buffer or no text. */
static bool copy_interpreter(const uint8_t *buf, size_t len, uint64_t off, uint64_t size,
			     struct hs_program *out)
{
	if (size < 2 || size > sizeof(out->interpreter) || off > len || size > len - off ||
	    buf[off + size - 1] || buf[off] != '/')
		return false;
	memcpy(out->interpreter, buf + off, (size_t)size);
	return true;
}

static void decode_elf(const uint8_t *buf, size_t len, struct hs_program *out)
{
	uint64_t phoff;
	unsigned type, phentsize, phnum;
	bool dynamic = false;

	if (len < sizeof(Elf64_Ehdr) || buf[EI_CLASS] != ELFCLASS64 ||
	    buf[EI_DATA] != ELFDATA2LSB ||
	    hs_get_le16(buf + offsetof(Elf64_Ehdr, e_machine)) != EM_X86_64)
		return;
	type = hs_get_le16(buf + offsetof(Elf64_Ehdr, e_type));
	phoff = hs_get_le64(buf + offsetof(Elf64_Ehdr, e_phoff));
	phentsize = hs_get_le16(buf + offsetof(Elf64_Ehdr, e_phentsize));
	phnum = hs_get_le16(buf + offsetof(Elf64_Ehdr, e_phnum));
	if ((type != ET_EXEC && type != ET_DYN) || phentsize < sizeof(Elf64_Phdr) || phoff > len ||
	    (uint64_t)phnum * phentsize > len - phoff)
		return;

	for (unsigned i = 0; i < phnum; i++) {
		const uint8_t *ph = buf + phoff + (size_t)i * phentsize;
		uint32_t p_type = hs_get_le32(ph + offsetof(Elf64_Phdr, p_type));

		dynamic |= p_type == PT_DYNAMIC;
		if (p_type != PT_INTERP)
			continue;
		if (copy_interpreter(buf, len, hs_get_le64(ph + offsetof(Elf64_Phdr, p_offset)),
				     hs_get_le64(ph + offsetof(Elf64_Phdr, p_filesz)), out))
			out->kind = HS_PROGRAM_DYNAMIC;
		return;
	}
	/* A position-independent static program has PT_DYNAMIC too; it needs nothing either way. */
	out->kind = type == ET_DYN && dynamic ? HS_PROGRAM_LIBRARY : HS_PROGRAM_STATIC;
}

void hs_program_decode(const uint8_t *buf, size_t len, struct hs_program *out)
{
	*out = (struct hs_program){.kind = HS_PROGRAM_OTHER};
	if (len >= 2 && buf[0] == '#' && buf[1] == '!')
		decode_script(buf, len, out);
	else if (len >= SELFMAG && !memcmp(buf, ELFMAG, SELFMAG))
		decode_elf(buf, len, out);
}
