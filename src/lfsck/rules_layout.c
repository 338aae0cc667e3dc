/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules about files and their OST objects (catalogue, section 5).
 */
#include "lfsck/rules_table.h"

#define LAYOUT(num, sev, gate, counter, cat, msg, repair, text)                                    \
	{                                                                                          \
		"LAY-" num, HS_RULE_LAYOUT, HS_RULE_##sev, gate, counter, cat, msg, repair, text   \
	}

static const struct hs_rule table[] = {
	LAYOUT("1", MINOR, 0, "repaired_others", NULL,
	       "lmm_oi of the layout is not the file's FID.", "Rewrites lmm_oi in every component.",
	       "The LOV EA names the file it belongs to. A wrong name does not hinder access, but "
	       "is no witness any more."),
	LAYOUT("2", LOSS, 'c', "repaired_dangling", NULL,
	       "The layout names an OST object that does not exist.",
	       "With -c creates an empty object with that FID; otherwise only reports.",
	       "The stripe's data are gone, or the record is wrong and the object lies elsewhere. "
	       "Reading that part of the file fails."),
	LAYOUT("3", MINOR, 0, "repaired_unmatched_pair", NULL,
	       "The object's parent record does not name the file that uses it.",
	       "Rewrites the parent record from the layout, then the owner.",
	       "Access works, but if the layout is lost the object cannot be given back to its "
	       "file."),
	LAYOUT("4", LOSS, 0, "repaired_multiple_referenced", NULL,
	       "Several stripes name the same OST object.",
	       "Gives a new empty object to the stripe that the parent record does not support.",
	       "Writing one file changes the other. What the loser held in this stripe cannot be "
	       "told apart."),
	LAYOUT("5", MINOR, 0, "repaired_inconsistent_owner", NULL,
	       "Owner, group or project of the object are not those of its file.",
	       "Sets all three on the object from the file.",
	       "Quota is charged to the wrong account. A change of owner was lost on its way to "
	       "the OST."),
	LAYOUT("6", LOSS, 'o', "repaired_orphan", NULL,
	       "An unreferenced object claims a stripe that another object holds.",
	       "Takes the place of an untouched LFSCK-made occupant, else goes to lost+found as "
	       "type C.",
	       "The layout was changed after the object was written. Both objects may hold data of "
	       "the file."),
	LAYOUT("7", LOSS, 'o', "repaired_orphan", NULL,
	       "An unreferenced object claims a stripe that its file lacks.",
	       "Puts the object back into the layout, rebuilding the LOV EA if it is lost.",
	       "The LOV EA is lost or damaged while the data are whole. Without repair the file "
	       "reads as empty."),
	LAYOUT("8", LOSS, 'o', "repaired_orphan", NULL,
	       "An unreferenced object belongs to a file that does not exist.",
	       "Creates the file with its FID in lost+found, type R.",
	       "The MDT inode is gone and the data remain. Only the name and the rights are lost."),
	LAYOUT("9", LOSS, 'o', "repaired_orphan", NULL,
	       "A written object has no parent record and no file uses it.",
	       "Creates a file for it in lost+found, type N.",
	       "Nothing says whose data these are. Its owner still counts them in the quota."),
	LAYOUT("10", NOTE, 'o', NULL, NULL, "The object was left by an abandoned repair.",
	       "Destroys the object.",
	       "A dangling stripe's object was created and never linked. It holds no data."),
	LAYOUT("11", NOTE, 0, NULL, NULL, "The object was precreated and never used.", "None.",
	       "OSTs create objects ahead of need; this is their normal state."),
	LAYOUT("12", MINOR, 'o', "repaired_orphan", NULL,
	       "The parent record has another stripe index than the layout.",
	       "Rewrites the parent record with the layout's index.",
	       "File and object agree on each other, but not on the place. A rebuild from the "
	       "object would put the data in the wrong order."),
	LAYOUT("13", MINOR, 0, "repaired_others", NULL,
	       "The file is encrypted, the object lacks the flag.", "Sets the flag on the object.",
	       "Without the flag the OST may treat encrypted data as plain."),
	LAYOUT("14", MAJOR, 'o', NULL, NULL, "The composite layout breaks its own rules.",
	       "Rebuilds the layout from its objects; otherwise none.",
	       "Sizes or offsets lead out of the LOV EA, or flags contradict each other. Clients "
	       "refuse the file."),
	LAYOUT("15", MAJOR, 'o', NULL, NULL, "The LOV EA has a bad magic.",
	       "Rebuilds the layout from its objects; unknown well-formed types are kept.",
	       "The file's stripes cannot be known from the MDT. The objects' parent records still "
	       "tell."),
	LAYOUT("16", MINOR, 0, NULL, NULL, "A client's parent FID differs from the object's.",
	       "None; an unmounted target shows the same fault as LAY-3.",
	       "A live OST compares these while it serves writes. There is no request to compare "
	       "with here."),
	LAYOUT("60", LOSS, 0, NULL, "13.2 #14", "Two stripes of one file name the same object.",
	       "Gives a new empty object to the stripe whose index the parent record lacks.",
	       "LFSCK takes the second stripe for a mismatch of indexes. One range of the file "
	       "shows the data of another."),
	LAYOUT("61", MINOR, 0, NULL, "13.2 #15", "A written object in use has no parent record.",
	       "Writes the parent record from the layout.",
	       "LFSCK accepts it. If the layout is lost later, the object cannot be given back."),
	LAYOUT("62", MINOR, 0, NULL, "13.2 #11",
	       "The parent record names another component than the layout.",
	       "Rewrites component id and extent from the layout.",
	       "File and stripe index agree, the component does not. A rebuild would restore the "
	       "data to the wrong range."),
	LAYOUT("63", MINOR, 0, NULL, "13.2 #11",
	       "Stripe size, count or extent in the parent record are not the layout's.",
	       "Rewrites the geometry from the layout.",
	       "The geometry is needed only to rebuild a lost layout, and would then scramble it."),
	LAYOUT("64", MAJOR, 0, NULL, "13.2 #11", "Component ids are invalid or repeated.",
	       "Numbers the components anew from the objects' records.",
	       "Commands that name a component by id change the wrong one."),
	LAYOUT("65", MAJOR, 0, NULL, "13.2 #11", "Component extents leave a gap or overlap.",
	       "None; the layout is reported with the objects' extents.",
	       "An offset of the file has no component, or two. Input and output there fail."),
	LAYOUT("66", MAJOR, 0, NULL, "13.2 #11", "Component bodies overlap or have a wrong size.",
	       "None; the objects' records are reported.",
	       "Two components share bytes of the LOV EA, so changing one damages the other."),
	LAYOUT("67", MAJOR, 0, NULL, "13.2 #10", "The DoM component is misplaced.", "None.",
	       "Data on the MDT are the first component, start at offset 0 and have no OST "
	       "objects. Anything else cannot be read."),
	LAYOUT("68", MAJOR, 0, NULL, "13.2 #12", "Mirrors of the file contradict their flags.",
	       "None; the mirrors and their versions are reported.",
	       "State, stale marks and mirror ids must leave one mirror that is in sync. Otherwise "
	       "reads may return old data."),
	LAYOUT("69", MAJOR, 0, NULL, "13.2 #16", "The stripe's OST object is not a regular file.",
	       "None.",
	       "The inode was damaged or its number used again. It cannot hold stripe data."),
	LAYOUT("70", LOSS, 'c', NULL, NULL, "The stripe is on an OST that does not exist.",
	       "None while the OST may come back.",
	       "The OST index is above all known ones. The record is corrupt or the OST was "
	       "removed."),
};

const struct rules_part rules_layout = RULES_PART(table);
