"""Random sites are such as the configuration accepts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.random_sites import random_site


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**9))
def test_all_datastreams_of_a_subject_lie_in_one_zone(seed):
    """What neighbours say is told to zones: a subject of two would heed that to which it happened to be told first."""
    site = random_site(seed)
    zones = {}
    for number, key in enumerate(site.datastreams):
        for which, subject in site.users[key]:
            home = site.datastreams.zones[site.members.home(which.subject, number)]
            zones.setdefault((which.name, subject), set()).add(home)
    assert {about: found for about, found in zones.items() if len(found) > 1} == {}


def test_some_events_are_seen_in_several_zones():
    sites = [site for site in map(random_site, range(10)) if "quake" in site.hazards]
    assert sites
    for site in sites:
        network = site.members.of("event", "net-0", {"water_level"})
        assert {site.datastreams[key].zone for key in network} == {"Z1", "Z2"}
