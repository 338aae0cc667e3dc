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
	       "The layout of the file holds the FID of the file it belongs to, and here it is "
	       "another one. A bug of an old release, a copied extended attribute or damage does "
	       "this. Access is not hindered, but the layout no longer proves whose it is if the "
	       "inode loses its FID."),
	LAYOUT("2", LOSS, 'c', "repaired_dangling", NULL,
	       "The layout names an OST object that does not exist.",
	       "With -c creates an empty object with that FID; otherwise only reports.",
	       "A stripe of the file is recorded on an OST object that does not exist. The object "
	       "was lost or destroyed, or was never created because the OST failed; or the record "
	       "is wrong and the object lies elsewhere. Reading or writing that part of the file "
	       "fails; the data of a lost object are gone, and creating an empty one only makes "
	       "the rest of the file usable again."),
	LAYOUT("3", MINOR, 0, "repaired_unmatched_pair", NULL,
	       "The object's parent record does not name the file that uses it.",
	       "Rewrites the parent record from the layout, then the owner.",
	       "The object is a stripe of the file, but its parent record names another file, "
	       "another stripe, or nothing sensible. A lost update of the object or a damaged "
	       "attribute does this. Access works; but if the layout of the file is lost, the "
	       "object cannot be given back to it and ends in lost+found."),
	LAYOUT("4", LOSS, 0, "repaired_multiple_referenced", NULL,
	       "Several stripes name the same OST object.",
	       "Gives a new empty object to the stripe that the parent record does not support.",
	       "Stripes of more than one file name the same OST object. A layout was copied, or an "
	       "object id was handed out twice after LAST_ID had gone back. Writing one file "
	       "changes the other; the file that does not get the object keeps an empty stripe, "
	       "and its data there cannot be told apart any more."),
	LAYOUT("5", MINOR, 0, "repaired_inconsistent_owner", NULL,
	       "Owner, group or project of the object are not those of its file.",
	       "Sets all three on the object from the file.",
	       "User, group or project of the OST object are not those of its file. A change of "
	       "owner reached the MDT and was lost on its way to the OST. Space is charged to the "
	       "wrong quota account, until the object gets the owner of the file."),
	LAYOUT("6", LOSS, 'o', "repaired_orphan", NULL,
	       "An unreferenced object claims a stripe that another object holds.",
	       "Takes the place of an untouched LFSCK-made occupant, else goes to lost+found as "
	       "type C.",
	       "An OST object that no file uses says that it is a stripe of a file, whose layout "
	       "has another object in that place. The layout was changed or restored after the "
	       "object had been written. Both objects may hold data of the file; without repair "
	       "those of this one are out of reach and use space."),
	LAYOUT("7", LOSS, 'o', "repaired_orphan", NULL,
	       "An unreferenced object claims a stripe that its file lacks.",
	       "Puts the object back into the layout, rebuilding the LOV EA if it is lost.",
	       "An OST object that no file uses says that it is a stripe of an existing file, "
	       "whose layout is lost, damaged or empty in that place. The data are whole while the "
	       "way to them is missing. Until the object is back in the layout the file reads as "
	       "empty or fails there."),
	LAYOUT("8", LOSS, 'o', "repaired_orphan", NULL,
	       "An unreferenced object belongs to a file that does not exist.",
	       "Creates the file with its FID in lost+found, type R.",
	       "An OST object that no file uses names a file that does not exist on the MDT. The "
	       "MDT inode was lost, or its removal did not reach the OST. The data use space that "
	       "no user can see; with the file created again only its name and its mode are lost."),
	LAYOUT("9", LOSS, 'o', "repaired_orphan", NULL,
	       "A written object has no parent record and no file uses it.",
	       "Creates a file for it in lost+found, type N.",
	       "An OST object that was written has no parent record, and no layout names it. Its "
	       "attribute was lost together with the file, or an old release did not write one. "
	       "Nothing says whose data these are; their owner still pays for them in the quota."),
	LAYOUT("10", NOTE, 'o', NULL, NULL, "The object was left by an abandoned repair.",
	       "Destroys the object.",
	       "An empty object stands on the OST that a repair of a dangling stripe created and "
	       "never linked to its file. The repair was interrupted. It holds no data and only "
	       "uses an inode."),
	LAYOUT("11", NOTE, 0, NULL, NULL, "The object was precreated and never used.",
	       "None: it waits for its file.",
	       "The object has been created ahead of need and has never been used. OSTs precreate "
	       "objects, so this is the normal state of those with the highest ids. Nothing is "
	       "lost and nothing is repaired."),
	LAYOUT("12", MINOR, 'o', "repaired_orphan", NULL,
	       "The parent record has another stripe index than the layout.",
	       "Rewrites the parent record with the layout's index.",
	       "The object is a stripe of the file that its parent record names, but at another "
	       "index. Stripe records of the layout were exchanged, or the parent record is "
	       "damaged. Access follows the layout; a layout rebuilt from the objects would put "
	       "the data in the wrong order."),
	LAYOUT("13", MINOR, 0, "repaired_others", NULL,
	       "The file is encrypted, the object lacks the flag.", "Sets the flag on the object.",
	       "The file is encrypted and its OST object lacks the flag that says so. The flag was "
	       "lost when the object was created again by a repair. The OST may then treat the "
	       "encrypted data as plain, for instance when it truncates a block."),
	LAYOUT("14", MAJOR, 'o', NULL, NULL, "The composite layout breaks its own rules.",
	       "Rebuilds the layout from its objects; otherwise none.",
	       "Sizes, counts or offsets of the layout lead out of the attribute, or its flags "
	       "contradict each other. The attribute was damaged or written by hand. Clients "
	       "refuse to open the file although its objects are whole, and their parent records "
	       "tell how the layout was."),
	LAYOUT("15", MAJOR, 'o', NULL, NULL, "The LOV EA has a bad magic.",
	       "Rebuilds the layout from its objects; unknown well-formed types are kept.",
	       "The magic number of the layout is none that Lustre knows. The attribute was "
	       "overwritten. The stripes of the file are not known from the MDT any more, so it "
	       "cannot be read; the parent records of the objects still tell them."),
	LAYOUT("16", MINOR, 0, NULL, NULL, "A client's parent FID differs from the object's.",
	       "None: an unmounted target shows the same fault as LAY-3.",
	       "A client wrote to the object under the FID of another file than the object's "
	       "parent record names. A live OST compares these two while it serves writes. On an "
	       "unmounted target there is no request to compare with: the same fault appears as "
	       "LAY-3."),
	LAYOUT("60", LOSS, 0, NULL, "13.2 #14", "Two stripes of one file name the same object.",
	       "Gives a new empty object to the stripe whose index the parent record lacks.",
	       "Two stripes of one file name the same OST object. A stripe record was copied over "
	       "another. One range of the file shows the data of the other and writing one changes "
	       "both; LFSCK takes the second for a wrong index and leaves it."),
	LAYOUT("61", MINOR, 0, NULL, "13.2 #15", "A written object in use has no parent record.",
	       "Writes the parent record from the layout.",
	       "An OST object that holds data and is used by a file has no parent record. The "
	       "attribute was lost, or the object comes from a release that did not write it. "
	       "Access works, and LFSCK accepts it; but if the layout is lost, the object cannot "
	       "be given back to the file."),
	LAYOUT("62", MINOR, 0, NULL, "13.2 #11",
	       "The parent record names another component than the layout.",
	       "Rewrites component id and extent from the layout.",
	       "File and stripe index of the parent record are right, but it names another "
	       "component of the layout. A mirror was split off or resynchronised and the object "
	       "was not updated, or the record is damaged. A layout rebuilt from the objects would "
	       "restore the data to a wrong range of the file."),
	LAYOUT("63", MINOR, 0, NULL, "13.2 #11",
	       "Stripe size, count or extent in the parent record are not the layout's.",
	       "Rewrites the geometry from the layout.",
	       "Stripe size, stripe count or extent in the parent record are not those of the "
	       "layout. The layout was changed and the object was not updated. The record matters "
	       "only when a lost layout is rebuilt from its objects, and would then scramble the "
	       "file."),
	LAYOUT("64", MAJOR, 0, NULL, "13.2 #11", "Component ids are invalid or repeated.",
	       "Numbers the components anew from the objects' records.",
	       "Component ids of a composite layout are zero, out of range or used twice. The "
	       "layout was written by hand, by a damaged client or by a bug. Commands that name a "
	       "component by its id, as lfs mirror does, change the wrong one."),
	LAYOUT("65", MAJOR, 0, NULL, "13.2 #11", "Component extents leave a gap or overlap.",
	       "None: nothing tells which extent is right; it is shown with those of the objects.",
	       "The components of a mirror leave a gap between them, overlap, or are not in order. "
	       "The layout was damaged or edited. For some offsets of the file there is no "
	       "component, or there are two: input and output there fail."),
	LAYOUT("66", MAJOR, 'o', NULL, "13.2 #11", "Component bodies overlap or have a wrong size.",
	       "Rebuilds the layout from its objects, if they remember it.",
	       "The bodies of two components overlap inside the layout, or one has a wrong size. "
	       "The attribute was damaged. The components share bytes, so that changing one "
	       "damages the other and what the bytes mean cannot be told."),
	LAYOUT("67", MAJOR, 0, NULL, "13.2 #10", "The DoM component is misplaced.",
	       "None: data on the MDT cannot be told from the layout.",
	       "Data on the MDT (DoM) are the first component of a layout, begin at offset 0 and "
	       "have no OST objects; here that is not so. The layout was damaged or edited. "
	       "Clients cannot find that part of the data."),
	LAYOUT("68", MAJOR, 0, NULL, "13.2 #12", "Mirrors of the file contradict their flags.",
	       "None: which mirror has the right data must be looked at.",
	       "State of the file, stale marks and mirror ids do not fit each other: one mirror "
	       "must be in sync and each needs an id of its own. An interrupted mirror command or "
	       "damage does this. Reads may return old data from a mirror that missed writes."),
	LAYOUT("69", MAJOR, 0, NULL, "13.2 #16", "The stripe's OST object is not a regular file.",
	       "None: what the inode is now may be in use.",
	       "The inode of the stripe's OST object is no regular file. It was damaged, or its "
	       "number was used again for a directory or a device. It cannot hold the data of a "
	       "stripe, and reading that part of the file fails."),
	LAYOUT("70", LOSS, 0, NULL, NULL, "The stripe is on an OST that does not exist.",
	       "None: the OST may come back. Of an object that is found elsewhere the index is put "
	       "right.",
	       "The stripe lies on an OST whose index nobody knows. The record is corrupt, or the "
	       "OST was removed for good while files still used it. That part of the file cannot "
	       "be read unless the OST comes back."),
};

const struct rules_part rules_layout = RULES_PART(table);
