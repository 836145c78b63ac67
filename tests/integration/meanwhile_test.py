"""First questions of a kind of vehicle: answered while their metric is made in the background, with the same plan."""
import concurrent.futures
import itertools
import time

from demo_fixture import question, wait_for


def figures(service, *names):
    """All of one moment."""
    status, text = service.ask("/metrics")
    assert status == 200
    return [int(next(line.split()[1] for line in text.decode().splitlines() if line.startswith(f"baochang_{name} "))) for name in names]


def figure(service, name):
    return figures(service, name)[0]


def kinds():
    """Questions that nobody has asked before; each set of avoided classes is a metric of its own."""
    classes = ("tertiary", "secondary", "motorway", "trunk", "primary")
    for size in (1, 2):
        for avoided in itertools.combinations(classes, size):
            yield question("nanyang", "fangcheng", vehicle={"class": "truck_6_axle", "gross_weight_t": 29}, avoid={"road_classes": avoided})


def test_a_first_question_is_answered_before_its_metric_is_made(demo_service):
    def digest(asked):
        while True:
            status, answer = demo_service.ask("/v1/route", asked)
            if status != 503:  # too busy for so many at once: asked again
                break
            time.sleep(.1)
        return answer["plans"][0]["digest"] if status == 200 else answer["code"]

    new = kinds()
    asked, before = next(new), figure(demo_service, "meanwhile_total")
    first = digest(asked)
    assert figure(demo_service, "meanwhile_total") == before + 1, "a service that is ready has its guide"
    assert first.startswith("sha256:")
    wait_for(lambda: figure(demo_service, "customizations_total") > 0, what="a metric made in the background")
    assert {digest(asked) for _ in range(3)} == {first}

    def quiet():
        return figures(demo_service, "pool_queued", "pool_running") == [0, 0]

    # many at once, all of them new: one plan, one metric
    wait_for(quiet, what="those before are made")
    made = figure(demo_service, "customizations_total")
    asked = next(new)
    with concurrent.futures.ThreadPoolExecutor(8) as many:
        assert len(set(many.map(digest, [asked] * 24))) == 1
    last = figure(demo_service, "meanwhile_total")
    wait_for(quiet, what="it is made")
    assert figure(demo_service, "customizations_total") <= made + 1
    digest(asked)
    assert figure(demo_service, "meanwhile_total") == last, "the metric is there"
