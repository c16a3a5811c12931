//! Programs are run here, by a machine that knows the instructions we write; `tests/device_cgroup.rs` has
//! the kernel run them.

use super::*;
use proptest::prelude::*;

/// What is asked of a program.
#[derive(Debug, Clone, Copy)]
struct Asked {
    kind: i32,
    access: i32,
    major: u32,
    minor: u32,
}

/// The answer of a program. It panics where the verifier would refuse: at a jump out of the program, at a
/// register that was not set, and past the end.
fn run(program: &[Instruction], asked: Asked) -> bool {
    let context = [
        (asked.access << 16 | asked.kind).cast_unsigned(),
        asked.major,
        asked.minor,
    ];
    let mut registers = [None; 6];
    registers[usize::from(CONTEXT)] = Some(u64::MAX);
    let mut at = 0;
    loop {
        let instruction = program[at];
        let (to, constant) = (
            usize::from(instruction.destination()),
            i64::from(instruction.immediate).cast_unsigned(),
        );
        let value = || registers[to].expect("the register is set");
        let jumps = match instruction.code {
            LOAD => {
                assert_eq!(instruction.source(), CONTEXT);
                assert_eq!(registers[usize::from(CONTEXT)], Some(u64::MAX));
                registers[to] = Some(u64::from(
                    context[usize::try_from(instruction.offset).unwrap() / 4],
                ));
                false
            }
            MOVE => {
                registers[to] = Some(constant);
                false
            }
            AND => {
                registers[to] = Some(value() & constant);
                false
            }
            SHIFT_RIGHT => {
                registers[to] = Some(value() >> constant);
                false
            }
            JUMP => true,
            JUMP_IF_ABOVE => value() > constant,
            JUMP_IF_ANY => value() & constant != 0,
            JUMP_IF_OTHER => value() != constant,
            JUMP_IF_BELOW => value() < constant,
            EXIT => return registers[0].expect("the answer is set") != 0,
            code => panic!("operation {code:#x}"),
        };
        let over = if jumps { instruction.offset } else { 0 };
        assert!(over >= 0, "back");
        at += 1 + usize::try_from(over).unwrap();
    }
}

/// What the rules say, told without a program.
fn by_rules(rules: &[Rule], asked: Asked) -> bool {
    let rule = |allow, kind, major, minor, access| {
        let has = |bit| access & bit != 0;
        Rule {
            allow,
            kind,
            major,
            minor,
            read: has(MAY_READ),
            write: has(MAY_WRITE),
            mknod: has(MAY_MAKE),
        }
    };
    let always = ALWAYS.map(|(kind, major, minor, access)| rule(true, kind, major, minor, access));
    let matches = |rule: &&Rule| {
        rule.major.is_none_or(|major| major == asked.major)
            && rule.minor.is_none_or(|minor| minor == asked.minor)
            && match rule.kind {
                Kind::All => true,
                Kind::Char => asked.kind == CHARACTER,
                Kind::Block => asked.kind == BLOCK,
            }
    };
    [MAY_READ, MAY_WRITE, MAY_MAKE]
        .into_iter()
        .filter(|bit| asked.access & bit != 0)
        .all(|bit| {
            let speaks = |rule: &&Rule| match bit {
                MAY_READ => rule.read,
                MAY_WRITE => rule.write,
                _ => rule.mknod,
            };
            let last = rules.iter().chain(&always).filter(matches).rfind(speaks);
            last.is_some_and(|rule| rule.allow)
        })
}

/// Few numbers, so that they meet; the largest there are among them.
fn numbers() -> impl Strategy<Value = u32> {
    prop_oneof![0..6_u32, Just(136), Just((1 << 20) - 1)]
}

fn devices() -> impl Strategy<Value = Vec<Device>> {
    prop::collection::vec((numbers(), numbers()), 0..12)
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let kind = prop_oneof![Just(Kind::All), Just(Kind::Char), Just(Kind::Block)];
    let pattern = || prop::option::of(numbers());
    let bits = (any::<bool>(), any::<bool>(), any::<bool>());
    let rule = (any::<bool>(), kind, pattern(), pattern(), bits);
    let rule = rule.prop_map(|(allow, kind, major, minor, (read, write, mknod))| Rule {
        allow,
        kind,
        major,
        minor,
        read,
        write,
        mknod,
    });
    prop::collection::vec(rule, 0..8)
}

fn asked() -> impl Strategy<Value = Asked> {
    let kind = prop_oneof![Just(BLOCK), Just(CHARACTER)];
    (kind, 1..8, numbers(), numbers()).prop_map(|(kind, access, major, minor)| Asked {
        kind,
        access,
        major,
        minor,
    })
}

fn new(rewritten: Rewritten) -> Vec<Instruction> {
    match rewritten {
        Rewritten::New(program) => program,
        other => panic!("{other:?}"),
    }
}

fn is_in(devices: &[Device], asked: Asked) -> bool {
    asked.kind == CHARACTER && devices.contains(&(asked.major, asked.minor))
}

proptest! {
    #[test]
    fn rules_are_followed_and_devices_granted(
        rules in rules(), devices in devices(), asked in prop::collection::vec(asked(), 32),
    ) {
        let program = from_rules(&rules, &devices).unwrap();
        for asked in asked {
            let expected = is_in(&devices, asked) || by_rules(&rules, asked);
            prop_assert_eq!(run(&program, asked), expected, "{:?}", asked);
        }
    }

    #[test]
    fn what_is_granted_is_added_and_nothing_else(
        rules in rules(), first in devices(), second in devices(), asked in prop::collection::vec(asked(), 32),
    ) {
        // Without a prologue of ours that the first grant would only extend.
        let mut program = vec![instruction(MOVE, 0, 0, 0)];
        program.extend(from_rules(&rules, &[]).unwrap());
        let mut granted = Vec::new();
        for devices in [&first, &second, &first] {
            granted.extend_from_slice(devices);
            match granting(devices, &program) {
                Rewritten::Same => {}
                rewritten => program = new(rewritten),
            }
            prop_assert_eq!(granting(&granted, &program), Rewritten::Same);
            for asked in &asked {
                let expected = is_in(&granted, *asked) || by_rules(&rules, *asked);
                prop_assert_eq!(run(&program, *asked), expected, "{:?}", asked);
            }
        }
        let at_once = granting(&granted, &{
            let mut program = vec![instruction(MOVE, 0, 0, 0)];
            program.extend(from_rules(&rules, &[]).unwrap());
            program
        });
        prop_assert!(granted.is_empty() || new(at_once) == program);
    }
}

const DENY: [Instruction; 2] = answer(0);

#[test]
fn a_prologue_whose_ranges_are_not_all_reached_is_not_ours() {
    let range = |first, last| Range {
        major: 195,
        first,
        last,
    };
    for ranges in [[range(5, 5), range(0, 0)], [range(0, 1), range(2, 2)]] {
        let mut program = prologue(&ranges).unwrap();
        program.extend(DENY);
        assert_eq!(split(&program), None, "{ranges:?}");
        // So it is not taken for one that grants both, and stays behind ours.
        let length = program.len();
        let new = new(granting(&[(195, 9)], &program));
        assert_eq!(new[new.len() - length..], program);
    }
}

/// Whatever is other in it, however little, it is somebody else's program and says what that says.
#[test]
fn what_is_nearly_a_prologue_is_not_ours() {
    let range = Range {
        major: 195,
        first: 3,
        last: 5,
    };
    let ours = prologue(&[range]).unwrap();
    let ranges = split(&ours).map(|(ranges, _)| ranges);
    assert_eq!(ranges, Some(vec![range]));
    for at in 0..ours.len() {
        let mut other = ours.clone();
        other[at].code ^= 8;
        assert_eq!(split(&other), None, "operation {at}");
        other = ours.clone();
        other[at].offset += 1;
        assert_eq!(split(&other), None, "offset {at}");
    }
    // A no in place of a yes.
    let mut other = ours.clone();
    let answer = ours.len() - 2;
    other[answer].immediate = 0;
    assert_eq!(split(&other), None);
}

#[test]
fn what_the_kernel_has_blinded_or_blanked_cannot_be_read() {
    let zeros = [Instruction::default(); 3];
    let blinded = [
        Instruction::new(MOVE, 11, 0, 0, 0x5a5a),
        Instruction::new(0xaf, 2, 11, 0, 0),
        DENY[0],
        DENY[1],
    ];
    for program in [&[][..], &zeros, &blinded[..1], &blinded[1..]] {
        assert_eq!(granting(&[(195, 0)], program), Rewritten::Unreadable);
    }
}

#[test]
fn what_holds_addresses_is_not_carried_over() {
    let call = Instruction::new(CALL, 0, 0, 0, 14);
    let own_function = Instruction::new(CALL, 0, 1, 1, 1);
    let map = Instruction::new(LOAD_WIDE, 1, 1, 0, 7);
    for instruction in [call, own_function, map] {
        let program = [instruction, DENY[0], DENY[1]];
        assert_eq!(granting(&[(195, 0)], &program), Rewritten::NotSelfContained);
    }
    // A constant of 64 bits is none.
    let constant = Instruction::new(LOAD_WIDE, 1, 0, 0, 7);
    let program = [constant, Instruction::default(), DENY[0], DENY[1]];
    new(granting(&[(195, 0)], &program));
}

#[test]
fn a_jump_goes_over_some_thousand_ranges_and_no_more() {
    let devices = |count: u32| -> Vec<Device> { (0..count).map(|at| (195, 2 * at)).collect() };
    new(granting(&devices(8190), &DENY));
    assert_eq!(granting(&devices(8191), &DENY), Rewritten::TooLong);
    assert_eq!(from_rules(&[], &devices(8191)), None);
}
