"""optimise_order on the demo network, against asking for every order."""
import itertools

from demo_fixture import MORNING, SEATS, question, rules

VAN = {"class": "van"}


def asked(*seats, **more):
    stops = [{"location": list(SEATS[s]), "service_s": 600} for s in seats]
    return question("nanyang", "sheqi", stops=stops, vehicle=VAN, geometry="none", steps=False, depart_at=MORNING, **more)


def test_the_order_chosen_is_the_quickest_of_all(demo_service):
    seats = ["zhenping", "tanghe", "xinye", "fangcheng"]
    status, chosen = demo_service.ask("/v1/route", asked(*seats, optimise_order=True))
    assert status == 200, chosen
    order = chosen["order"]
    assert order["exact"] is True and order["gap"] == 0 and sorted(order["sequence"]) == [0, 1, 2, 3]
    durations = {}
    for sequence in itertools.permutations(range(4)):
        status, answer = demo_service.ask("/v1/route", asked(*(seats[i] for i in sequence)))
        durations[sequence] = answer["plans"][0]["duration_s"] if status == 200 else float("inf")
        if list(sequence) == order["sequence"]:
            assert answer["plans"][0]["digest"] == chosen["plans"][0]["digest"]
    assert chosen["plans"][0]["duration_s"] == min(durations.values())


def test_the_order_chosen_is_the_quickest_with_the_rests_that_each_needs(demo_service):
    seats = ["xixia", "xinye", "tongbai", "zhenping"]
    more = {"vehicle": {"class": "truck_6_axle"}, "rests": {"max_drive_s": 10800}}
    status, chosen = demo_service.ask("/v1/route", {**asked(*seats, optimise_order=True), **more})
    assert status == 200, chosen
    plan, order = chosen["plans"][0], chosen["order"]
    assert order["exact"] is True and order["gap"] == 0 and plan["issuable"] and plan["rests"]
    durations = {}
    for sequence in itertools.permutations(range(4)):
        status, answer = demo_service.ask("/v1/route", {**asked(*(seats[i] for i in sequence)), **more})
        durations[sequence] = answer["plans"][0]["duration_s"] if status == 200 else float("inf")
        if list(sequence) == order["sequence"]:
            assert answer["plans"][0]["digest"] == plan["digest"]
    assert plan["duration_s"] == min(durations.values())
    status, without = demo_service.ask("/v1/route", {**asked(*seats, optimise_order=True), "vehicle": more["vehicle"]})
    assert status == 200 and without["plans"][0]["duration_s"] < plan["duration_s"]


def test_where_no_order_can_be_rested_that_is_the_cause(demo_service):
    with rules(demo_service, ("UPDATE facility SET state = 'closed' WHERE kind = 'rest_area'",
                              "UPDATE facility SET state = 'active' WHERE kind = 'rest_area'")):
        status, problem = demo_service.ask("/v1/route", asked("xixia", "xinye", "tongbai", optimise_order=True, rests={"max_drive_s": 1800}))
        assert status == 422 and problem["code"] == "no_rest_area" and problem["order"]["exact"] is True, problem


def test_more_than_twelve_stops_come_with_a_gap(demo_service):
    seats = [s for s in SEATS if s not in ("nanyang", "sheqi")]
    stops = (seats * 3)[:14]
    status, answer = demo_service.ask("/v1/route", asked(*stops, optimise_order=True))
    assert status == 200, answer
    assert sorted(answer["order"]["sequence"]) == list(range(14))
    assert answer["order"]["exact"] or answer["order"]["gap"] >= 0


def test_it_is_refused_by_name_where_it_means_nothing(demo_service):
    for path in ("/v1/explain",):
        status, problem = demo_service.ask(path, asked("zhenping", optimise_order=True))
        assert status == 400 and problem["pointer"] == "/optimise_order", problem
    status, problem = demo_service.ask("/v1/route", asked("zhenping", optimise_order=True, store=True))
    assert status == 400 and problem["pointer"] == "/optimise_order", problem
