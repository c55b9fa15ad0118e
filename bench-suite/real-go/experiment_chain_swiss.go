//go:build go1.24

package main

// addOverflowOffset adds nothing: a group has no overflow.
func addOverflowOffset(figures) error { return nil }

// tailExperiment has no figures: a group does not mark the end of its keys.
func tailExperiment() (figures, error) { return figures{}, nil }

// overflowExperiment has no figures: a group has no chain.
func overflowExperiment() (figures, error) { return figures{}, nil }

// decisionExperiment asks what an insert does with a freed slot, and what a delete writes.
func decisionExperiment() (figures, error) {
	found := figures{}
	for _, add := range []func(figures) error{addLaterTaken, addFirstAfterRest} {
		if err := add(found); err != nil {
			return unknown(err)
		}
	}
	return found, nil
}

// growthExperiment asks whether deletes make a map grow; a Swiss table grows at once, not step by step.
func growthExperiment() (figures, error) {
	found := figures{}
	if err := addGrowsByDelete(found); err != nil {
		return unknown(err)
	}
	return found, nil
}
