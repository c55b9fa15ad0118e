use super::*;

/// What is said of maps with these operations a second, one for each round.
fn said(maps: &[(&str, [f64; 5])]) -> String {
    let names: Vec<&str> = maps.iter().map(|(name, _)| *name).collect();
    let mut session = crate::sample::sized(&names, &["fifo-window"], 5, 2);
    crate::sample::set_speeds(&mut session, maps);
    finding(&View::new(&session).workloads[0])
}

#[test]
fn a_map_is_not_the_fastest_and_indistinguishable_from_the_reference() {
    let reference = ("hashbrown", [100.0, 100.0, 101.0, 99.0, 100.0]);
    let ahead = ("slab", [290.0, 300.0, 310.0, 305.0, 295.0]);
    let noisy = ("slotmap", [320.0, 90.0, 310.0, 315.0, 330.0]);
    let alike = ("std", [101.0, 99.0, 100.0, 100.0, 99.0]);
    let behind = ("btree", [40.0, 41.0, 42.0, 40.0, 41.0]);
    assert_eq!(
        said(&[reference, ahead, alike, behind]),
        "Fastest: slab, 300 operations a second, ×3.00 that of hashbrown. Indistinguishable from hashbrown: std."
    );
    assert_eq!(
        said(&[reference, ahead, noisy, alike, behind]),
        "Fastest within noise: slotmap, slab, hashbrown and std (slotmap: 315 operations a second)."
    );
}

#[test]
fn slot_managers_and_planted_variants_do_not_lead_maps() {
    let maps = ["hashbrown", "slab", "changed", "std"];
    let mut session = crate::sample::sized(&maps, &["fifo-window"], 5, 2);
    for info in &mut session.manifest.programs[0].maps {
        match info.name.as_str() {
            "slab" => info.kind = formats::subject::MapKind::SlotManager,
            "changed" => drop(info.facts.insert(formats::subject::Fact::Altered)),
            _ => {}
        }
    }
    crate::sample::set_speeds(
        &mut session,
        &[("hashbrown", [100.0; 5]), ("slab", [300.0; 5]), ("changed", [400.0; 5]), ("std", [50.0; 5])],
    );
    assert_eq!(
        finding(&View::new(&session).workloads[0]),
        "Fastest: hashbrown, 100 operations a second. Among slot managers, which choose the keys themselves: Fastest: \
         slab, 300 operations a second, ×3.00 that of hashbrown."
    );
}

#[test]
fn a_ratio_that_is_no_quotient_says_so() {
    let mut session = crate::sample::sized(&["hashbrown", "std"], &["a"], 5, 2);
    // The machine was four times as fast in some rounds, in others for each map: both medians are 12.4.
    let speeds = [("hashbrown", [32.0, 11.6, 12.4, 24.3, 10.6]), ("std", [16.6, 6.0, 12.4, 12.6, 5.5])];
    crate::sample::set_speeds(&mut session, &speeds);
    let view = View::new(&session);
    let page = render(&view, &view.workloads[0]).into_string();
    assert!(page.contains("×0.52") && page.contains("divide to ×1.00"), "{page}");
    assert!(page.contains("†: not the quotient of the two medians"), "{page}");
    let summary = crate::summary::render(&view);
    assert!(summary.contains("×0.52 (0.52–1.00) †"), "{summary}");
    crate::sample::set_speeds(&mut session, &[("hashbrown", [32.0; 5]), ("std", [16.0; 5])]);
    let view = View::new(&session);
    assert!(!render(&view, &view.workloads[0]).into_string().contains('†'));
}

#[test]
fn a_pass_that_was_stopped_is_not_compared() {
    let mut session = crate::sample::sized(&["hashbrown", "std"], &["a"], 5, 2);
    let speeds = [("hashbrown", [100.0; 5]), ("std", [110.0, 111.0, 110.0, 112.0, 110.0])];
    crate::sample::set_speeds(&mut session, &speeds);
    let stop = |session: &mut formats::session::Session, rounds: u32| {
        crate::sample::each_reading(session, |pass, reading| {
            let formats::observation::Reading::Throughput(seen) = reading else { return };
            if pass.map == "std" && pass.round < rounds {
                for phase in &mut seen.phases {
                    phase.wall_ns *= 5;
                    phase.threads[0].iter_mut().for_each(|slice| slice.wall_ns *= 5);
                }
            }
        });
    };
    stop(&mut session, 1);
    let view = View::new(&session);
    let std = view.workloads[0].results.iter().find(|result| result.map == "std").unwrap();
    assert!((std.figures.speed_ratio.unwrap().estimate - 1.1).abs() < 0.02, "the other four are left");
    assert!(interrupted(&view.workloads[0]).ends_with("not compared: std (1 of 5 rounds of throughput)."));
    // All of them: there is a figure, in grey, and no ratio.
    stop(&mut session, 5);
    let view = View::new(&session);
    let std = view.workloads[0].results.iter().find(|result| result.map == "std").unwrap();
    assert_eq!(std.figures.speed_ratio, None);
    assert!(std.figures.ops_per_second.is_some());
    let page = render(&view, &view.workloads[0]).into_string();
    assert!(
        page.contains("std (5 of 5 rounds of throughput)") && page.contains(r#"<td class="grey" data-v="#),
        "{page}"
    );
    assert!(!finding(&view.workloads[0]).contains("std"), "{}", finding(&view.workloads[0]));
}

#[test]
fn too_few_rounds_claim_nothing() {
    let said = finding(&View::new(&crate::sample::sized(&["hashbrown", "std"], &["a"], 2, 2)).workloads[0]);
    assert!(said.starts_with("Highest median throughput: "), "{said}");
    assert!(said.ends_with("1 map ran in fewer than 5 paired rounds: no difference is claimed."), "{said}");
}
