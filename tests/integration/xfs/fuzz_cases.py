#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of fuzz.sh: which fields of which objects there are, which to damage how, what came of it.

  fuzz_cases.py choose XFS_DB IMAGE RT|- SHARE CASES SEED VERBS MATCH
      makes SHARE/NNNN/ for each of CASES drawn cases, with "name" and "damage" (xfs_db's commands)
      in it. All objects have the same share; no case is drawn twice; MATCH is a regular expression
      for names, "" draws from all.
  fuzz_cases.py again SHARE CASE
      makes the damage of a case that was random the same once more
  fuzz_cases.py judge SHARE
      a line for each case, then totals; exit 1 if a case failed

Skipped are padding, array elements beyond the tenth, and what nothing can be held against: time
stamps, log sequence numbers, values of attributes, targets of links.
"""
import os, random, re, subprocess, sys

AGS = [(f'{name}{ag}', [f'{name} {ag}']) for ag in (1, 3) for name in ('sb', 'agf', 'agfl', 'agi')]
BTREES = [(f'{root}{ag}', [f'{header} {ag}', f'addr {root}']) for ag in (0, 1, 3)
          for header, root in (('agf', 'bnoroot'), ('agf', 'cntroot'), ('agf', 'rmaproot'),
                               ('agf', 'refcntroot'), ('agi', 'root'), ('agi', 'free_root'))]
FILES = [('inode' + path, ['path ' + path]) for path in (
    '/short', '/a', '/block', '/node', '/sparse', '/clone', '/unwritten', '/hard', '/links/local',
    '/links/remote', '/links/fifo', '/links/char', '/attrs/inline', '/attrs/leaf', '/attrs/node',
    '/attrs/remote')]
BLOCKS = [(f'{path}-{kind}{at}', ['path ' + path, f'{kind} {at}']) for path, kind, at in (
    ('/block', 'dblock', 0), ('/leaf', 'dblock', 0), ('/leaf', 'dblock', 8388608),
    ('/node', 'dblock', 0), ('/node', 'dblock', 8388608), ('/node', 'dblock', 8388609),
    ('/node', 'dblock', 16777216), ('/attrs/leaf', 'ablock', 0), ('/attrs/node', 'ablock', 0),
    ('/attrs/node', 'ablock', 1), ('/attrs/remote', 'ablock', 1), ('/links/remote', 'dblock', 0))]
BLOCKS.append(('/sparse-bmbt', ['path /sparse', 'addr u3.bmbt.ptrs[1]']))
DQUOTS = [('dquot' + of, [f'dquot -{of[0]} {of[1:]}']) for of in ('u0', 'u1000', 'g0', 'p0')]
METAFILES = [('meta' + path, ['path -m ' + path]) for path in (
    '/rtgroups', '/rtgroups/0.bitmap', '/rtgroups/0.summary', '/rtgroups/0.rmap', '/rtgroups/0.refcount',
    '/quota')]
METABLOCKS = [(f'meta{path}-dblock0', ['path -m ' + path, 'dblock 0']) for path in (
    '/rtgroups', '/rtgroups/0.bitmap', '/rtgroups/0.summary')]
PLAIN = AGS + BTREES + FILES + BLOCKS + DQUOTS
REALTIME = METAFILES + METABLOCKS + FILES + BLOCKS + [('inode/rtfile', ['path /rtfile'])]

USELESS = re.compile(r'pad|(^|\.)lsn$|\.n?sec$|^data$|value$')


def fields(printed):
    """The names of the fields in what xfs_db's print command printed."""
    names = []
    for line in re.sub(r'\n(?=\d+:)', ' ', printed).splitlines():
        if not (m := re.match(r'([A-Za-z_]\S*) = (.*)', line)) or m[2] == '(empty)':
            continue
        name, value = m[1], m[2]
        if array := re.fullmatch(r'(.*)\[(\d+)(?:-(\d+))?\]', name):
            columns = re.match(r'\[([a-z][\w,.]*)\]', value)
            first, last = int(array[2]), min(9, int(array[3] or array[2]))
            for i in range(first, last + 1):
                element = f'{array[1]}[{i}]'
                names += [f'{element}.{c}' for c in columns[1].split(',')] if columns else [element]
        else:
            names.append(name)
    return [n for n in names if not USELESS.search(n) and all(int(i) < 10 for i in re.findall(r'\[(\d+)\]', n))]


def choose(db, image, rt, share, cases, seed, verbs, match):
    draw = random.Random(int(seed))
    xfs_db = db.split() + (['-R', rt] if rt != '-' else [])

    def show(way):
        options = [o for command in way + ['print'] for o in ('-c', command)]
        return subprocess.run(xfs_db + options + [image], capture_output=True, text=True,
                              errors='replace').stdout

    decks = []
    for name, way in PLAIN if rt == '-' else REALTIME:
        ways = [(name, way)]
        if re.search(r'^level = [1-9]', show(way), re.M):
            ways.append((name + '-leaf', way + ['addr ptrs[1]']))
        for name, way in ways:
            deck = [(name, way, f, v) for f in fields(show(way)) for v in verbs.split()]
            if not deck:
                print(f'no such object: {name}')
            decks.append([c for c in deck if re.search(match, f'{c[0]} {c[2]} {c[3]}')])
            draw.shuffle(decks[-1])
    print(f'{sum(map(len, decks))} cases with {len(decks)} objects')
    drawn, wanted, start = 0, int(cases), sum(n.isdigit() for n in os.listdir(share))
    while drawn < wanted and any(decks):
        draw.shuffle(decks)
        for deck in decks:
            if not deck or drawn == wanted:
                continue
            name, way, field, verb = deck.pop()
            case = os.path.join(share, f'{start + drawn:05}')
            os.mkdir(case, 0o777)
            # a checksum is not recalculated when it is what is wrong
            fuzz = f'fuzz {"-c" if field.split(".")[-1] == "crc" else "-d"} {field} {verb}'
            with open(case + '/name', 'w') as f:
                f.write(f'{name} {field} {verb}{" (rt)" if rt != "-" else ""}\n')
            with open(case + '/damage', 'w') as f:
                f.write('\n'.join(way + ['p ' + field, fuzz, 'p ' + field]) + '\n')
            drawn += 1


class Case:
    def __init__(self, share, name):
        self.dir = os.path.join(share, name)
        self.number = name
        self.name = self.text('name').strip()

    def text(self, name):
        try:
            with open(os.path.join(self.dir, name), errors='replace') as f:
                return f.read()
        except FileNotFoundError:
            return ''

    def code(self, name):
        text = self.text(name + '.code').strip()
        return int(text) if text else None

    def has(self, name):
        return os.path.exists(os.path.join(self.dir, name))

    def clean(self, name):
        """Whether a check or repair says that no damage is left; names that deceive are not damage."""
        return self.code(name) in (0, 2)

    def whole(self, who):
        """Whether nobody sees damage after this program's repair."""
        return self.clean(who + '.fix') and self.clean(who + '.after') and self.code(who + '.offline') == 0

    def files(self, who):
        return set(self.text(who + '.content').splitlines())

    def verdict(self, sound):
        """(what became of it, remark); 'FAILED' is ours to answer for."""
        if not self.has('changed'):
            return 'unchanged', ''
        if self.has('ours.nomount'):
            return 'not mountable', ''
        ours_died, theirs_died = self.text('ours.died').strip(), self.text('theirs.died').strip()
        if ours_died in ('ours.mount', 'ours.offline', 'damage'):
            return 'not mountable', f'the kernel dies in {ours_died}'
        if ours_died:
            if theirs_died.split('.')[-1] == ours_died.split('.')[-1]:
                return 'guest died or hung', f'{ours_died}; with xfs_scrub too'
            return 'FAILED', f'the guest died or hung in {ours_died}, with xfs_scrub ' + (theirs_died or 'not')
        damaged = self.code('before') != 0
        if damaged and self.clean('ours.check') and not self.clean('theirs.check'):
            return 'FAILED', f'check says clean, xfs_repair does not, xfs_scrub exits {self.code("theirs.check")}'
        if 'Repair withheld' in self.text('ours.fix.err'):
            return 'withheld', ''
        if self.whole('ours'):
            lost = sound - self.files('ours')
            kept = lost & self.files('theirs')
            if kept:
                return 'FAILED', f'{len(kept)} files lost that xfs_scrub keeps: {sorted(kept)[0]}'
            note = f'{len(lost)} files differ, so with xfs_scrub' if lost else ''
            if self.code('ours.check') == 0 and not self.text('ours.fix').count('Repaired:'):
                return ('blind' if damaged else 'harmless'), note
            return 'repaired', note
        ours = f'ours fix {self.code("ours.fix")} after {self.code("ours.after")} offline {self.code("ours.offline")}'
        theirs = (f'theirs fix {self.code("theirs.fix")} after {self.code("theirs.after")} '
                  f'offline {self.code("theirs.offline")}')
        if theirs_died:
            return 'not repaired', f'{ours}; with xfs_scrub the guest dies in {theirs_died}'
        if self.whole('theirs'):
            return 'FAILED', f'{ours}; {theirs}'
        if self.code('theirs.offline') == 0 and self.code('ours.offline') != 0:
            return 'FAILED', f'{ours}; {theirs}'
        if self.clean('ours.fix') and not self.clean('theirs.fix'):
            return 'FAILED', f'claims success: {ours}; {theirs}'
        return ('blind' if self.clean('ours.fix') and self.clean('ours.after') else 'not repaired'), f'{ours}; {theirs}'


def judge(share):
    totals = {}
    for name in sorted(os.listdir(share)):
        if not os.path.isdir(os.path.join(share, name)):
            continue
        case = Case(share, name)
        with open(os.path.join(share, 'sound-rt' if '(rt)' in case.name else 'sound'), errors='replace') as f:
            sound = set(f.read().splitlines())
        verdict, remark = case.verdict(sound)
        totals[verdict] = totals.get(verdict, 0) + 1
        warned = sorted({w for who in ('ours', 'theirs') for w in re.findall(
            r'(?:BUG:|WARNING:|Assertion failed).*', case.text(who + '.dmesg'))})
        print(f'{name} {case.name}: {verdict}' + (f': {remark}' if remark else '')
              + ''.join(f'; kernel: {w}' for w in warned[:2]))
        if verdict == 'FAILED':
            for part in ('damage', 'db', 'before.err', 'ours.check.err', 'ours.fix', 'ours.fix.err',
                         'ours.after.err', 'ours.offline.err', 'theirs.check', 'theirs.fix', 'theirs.after'):
                text = case.text(part).strip()
                if text:
                    print(f'  {part}:\n    ' + '\n    '.join(text.splitlines()[:12]))
    print('fuzzed: ' + ', '.join(f'{n} {what}' for what, n in sorted(totals.items())))
    if not totals.get('repaired'):
        print('nothing was repaired: the cases do not reach what they should')
        return 1
    return 1 if totals.get('FAILED') else 0


def again(share, name):
    case = Case(share, name)
    lines = case.text('damage').splitlines()
    field = lines[-1][2:]
    if values := [l.split(' = ')[1] for l in case.text('db').splitlines() if l.startswith(field + ' = ')]:
        lines[-2] = re.sub(r'^fuzz (-.) (\S+) random$', lambda m: f'write {m[1]} {m[2]} {values[-1]}', lines[-2])
    with open(os.path.join(case.dir, 'damage'), 'w') as f:
        f.write('\n'.join(lines) + '\n')


sys.exit({'choose': choose, 'again': again, 'judge': judge}[sys.argv[1]](*sys.argv[2:]))
