//! What all findings of a gate come to.

use formats::expectation::Outcome;
use formats::gate::{Class, Conclusion, Gate, Verdict};
use formats::policy::Policy;

/// The gravest thing that is to be said. `failed`: a pass crashed, hung or answered wrongly.
pub(crate) fn conclude(gate: &Gate, policy: &Policy, failed: bool) -> Conclusion {
    let exact = gate.exact.iter().map(|one| (one.class, one.verdict, one.waiver.is_some(), true));
    let timing = gate.timing.iter().map(|one| (one.class, Some(one.verdict), one.waiver.is_some(), false));
    let gated: Vec<_> = exact.chain(timing).filter(|(class, ..)| *class == Class::Gated).collect();
    let any = |said: Verdict| gated.iter().any(|&(_, verdict, waived, _)| verdict == Some(said) && !waived);
    let improved = gated.iter().any(|&(_, verdict, _, exact)| exact && verdict == Some(Verdict::Improved));
    if failed {
        Conclusion::Failed
    } else if gate.controls.iter().any(|control| !control.passed) {
        Conclusion::Invalid
    } else if any(Verdict::Regressed) {
        Conclusion::Regressed
    } else if gate.expectations.iter().any(|one| one.outcome == Outcome::Broken) {
        Conclusion::Broken
    } else if gate.not_compared.iter().any(|row| row.fails)
        || (gated.iter().all(|(_, verdict, ..)| verdict.is_none())
            && gate.expectations.iter().all(|one| one.outcome == Outcome::Undecided))
    {
        Conclusion::NothingCompared
    } else if policy.improved_fails && improved {
        Conclusion::Outdated
    } else if policy.inconclusive_fails && any(Verdict::Inconclusive) {
        Conclusion::Inconclusive
    } else {
        Conclusion::Passed
    }
}

#[cfg(test)]
mod tests {
    use formats::gate::{Build, Control, ControlKind, ExactFinding, Metric, NotCompared, Rule, Waiver};

    use super::*;

    fn finding(verdict: Verdict) -> ExactFinding {
        ExactFinding {
            workload: "w".into(),
            map: "m".into(),
            metric: Metric::PeakBytes,
            base: vec![1],
            head: vec![1],
            change: Some(0.0),
            luck: None,
            tolerance: 0.0,
            class: Class::Gated,
            verdict: Some(verdict),
            demoted: None,
            waiver: None,
        }
    }

    fn gate(exact: Vec<ExactFinding>) -> Gate {
        let build = Build { name: String::new(), revision: String::new(), programs: Vec::new() };
        let rule = Rule {
            alpha: 0.01,
            delta: 0.03,
            tolerance: 0.005,
            comparisons: 0,
            looks: Vec::new(),
            slices: 256,
            discarded: 32,
            seeds: vec![1],
        };
        Gate {
            schema: 1,
            started: String::new(),
            seconds: 0.0,
            head: build.clone(),
            base: build,
            rule,
            controls: Vec::new(),
            exact,
            timing: Vec::new(),
            not_compared: Vec::new(),
            expectations: Vec::new(),
            conclusion: Conclusion::Passed,
        }
    }

    #[test]
    fn the_gravest_finding_decides() {
        let policy = Policy::default();
        let conclude = |gate: &Gate| conclude(gate, &policy, false);
        let mut found = gate(vec![finding(Verdict::Unchanged), finding(Verdict::Improved)]);
        assert_eq!(conclude(&found), Conclusion::Passed);
        found.exact.push(finding(Verdict::Regressed));
        assert_eq!(conclude(&found), Conclusion::Regressed);
        found.controls.push(Control { kind: ControlKind::Negative, passed: false, said: String::new() });
        assert_eq!(conclude(&found), Conclusion::Invalid);
        assert_eq!(super::conclude(&found, &policy, true), Conclusion::Failed);
    }

    #[test]
    fn a_waived_or_advisory_regression_passes() {
        let waiver = Waiver { reason: "known".into(), until: "2999-01-01".into() };
        let accepted = ExactFinding { waiver: Some(waiver), ..finding(Verdict::Regressed) };
        let advisory = ExactFinding { class: Class::Advisory, ..finding(Verdict::Regressed) };
        let found = gate(vec![accepted, advisory, finding(Verdict::Unchanged)]);
        assert_eq!(conclude(&found, &Policy::default(), false), Conclusion::Passed);
    }

    #[test]
    fn nothing_compared_is_not_green() {
        let policy = Policy::default();
        assert_eq!(conclude(&gate(Vec::new()), &policy, false), Conclusion::NothingCompared);
        let demoted = ExactFinding { verdict: None, ..finding(Verdict::Unchanged) };
        assert_eq!(conclude(&gate(vec![demoted]), &policy, false), Conclusion::NothingCompared);
        let mut gone = gate(vec![finding(Verdict::Unchanged)]);
        let row = NotCompared { workload: "w".into(), map: "m".into(), why: "gone".into(), fails: true };
        gone.not_compared.push(row);
        assert_eq!(conclude(&gone, &policy, false), Conclusion::NothingCompared);
    }

    #[test]
    fn the_policy_may_demand_more() {
        let strict = Policy { inconclusive_fails: true, improved_fails: true, ..Policy::default() };
        let unsure = gate(vec![finding(Verdict::Inconclusive)]);
        assert_eq!(conclude(&unsure, &strict, false), Conclusion::Inconclusive);
        let better = gate(vec![finding(Verdict::Improved)]);
        assert_eq!(conclude(&better, &strict, false), Conclusion::Outdated);
    }
}
