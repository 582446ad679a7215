"""``{% picture %}``: what a page says of a picture, from the first moment on."""

from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template, TemplateSyntaxError

from tests.thumbnails.articles.models import Article
from tests.thumbnails.running import make
from tests.thumbnails.samples import encoded, scene
from thumbnails.models import Picture, Rendition
from thumbnails.prefetching import prefetch_pictures
from workers.models import Job
from workers.testing import drain

pytestmark = pytest.mark.django_db

SPECS = {
    "card": {"width": 100, "height": 100, "mode": "cover", "densities": [1, 2]},
    "wide": (200, 200),
    "full": (800, 800),
}


@pytest.fixture(autouse=True)
def specs(settings):
    settings.THUMBNAILS = settings.THUMBNAILS | {"SPECS": SPECS}


def tags(html: str) -> list[tuple[str, dict]]:
    """Every opening tag with its attributes, as a browser reads them."""
    found: list = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append((tag, dict(attributes)))  # type: ignore
    parser.feed(html)
    return found


def rendered(of, arguments: str) -> str:
    return Template("{% load pictures %}{% picture of " + arguments + " %}").render(Context({"of": of, "alt": '"<b>'}))


def ready(picture) -> Picture:
    make(picture.pk)
    return Picture.objects.with_state().prefetch_related("renditions").get(pk=picture.pk)


def address(picture, **of) -> str:
    return Rendition.objects.get(picture=picture, **of).get_absolute_url()


def test_by_density_every_format_is_a_source_and_the_last_one_an_image(add):
    picture = ready(add(encoded(scene(), "JPEG")))
    (_, no_attributes), (_, source), (_, image) = tags(rendered(picture, '"card" alt="A harbour" css="round"'))
    urls = {(each.format, each.density): each.get_absolute_url() for each in picture.renditions.filter(name="card")}
    assert no_attributes == {}
    assert source == {"type": "image/webp", "srcset": f"{urls['webp', 1]} 1x, {urls['webp', 2]} 2x"}
    assert image.pop("style").startswith('background:url("data:image/webp;base64,')
    assert image == {
        "src": urls["jpeg", 1],
        "srcset": f"{urls['jpeg', 1]} 1x, {urls['jpeg', 2]} 2x",
        "width": "100",
        "height": "100",
        "alt": "A harbour",
        "loading": "lazy",
        "decoding": "async",
        "class": "round",
    }


def test_with_sizes_several_specs_are_offered_by_their_widths(add):
    picture = ready(add())
    sizes = "(max-width: 40em) 100vw, 30em"
    _, (_, source), (_, image) = tags(rendered(picture, f'"wide" "full" sizes="{sizes}" alt=""'))
    wide, full = address(picture, name="wide", format="jpeg"), address(picture, name="full", format="jpeg")
    assert image["srcset"] == f"{wide} 200w, {full} 400w"
    assert image["sizes"] == source["sizes"] == sizes
    assert (image["src"], image["width"], image["height"]) == (wide, "200", "150")


def test_every_address_of_it_can_be_kept_for_ever(add, page):
    picture = ready(add())
    _, (_, source), (_, image) = tags(rendered(picture, '"card" alt=""'))
    addresses = {part.split()[0] for part in (source["srcset"] + ", " + image["srcset"]).split(", ")} | {image["src"]}
    assert len(addresses) == 4
    for each in addresses:
        response = page.get(each)
        assert response.headers["Cache-Control"] == "private, max-age=31536000, immutable", each
        response.getvalue()


def test_an_address_of_before_gets_what_there_is_now_but_not_for_ever(add, page):
    picture = ready(add())
    current = address(picture, name="wide", format="jpeg")
    for old in (current.partition("?")[0], current.partition("?")[0] + "?v=0123456789abcdef"):
        response = page.get(old)
        assert response.status_code == 200
        assert "immutable" not in response.headers["Cache-Control"]
        response.getvalue()
    for wrong in ("?v=-3", "?v=-junk", "?v=-nan"):
        assert page.get(current.partition("?")[0] + wrong).status_code == 404


def test_what_is_written_in_a_template_is_escaped(add):
    picture = ready(add())
    (_, image) = tags(rendered(picture, '"card" alt=alt css=alt sizes=alt'))[-1]
    assert image["alt"] == image["class"] == image["sizes"] == '"<b>'
    Picture.objects.filter(pk=picture.pk).update(rendered_at=None, error="No.")
    picture.renditions.all().delete()
    assert "<b>" not in rendered(Picture.objects.get(), '"card" alt=alt css=alt')


def test_a_preview_can_be_left_out_and_never_stands_behind_transparency(add):
    picture = ready(add())
    assert "style" not in rendered(picture, '"card" alt="" preview=False')
    opaque = ready(add(encoded(scene().convert("RGBA").resize((50, 50)), "PNG")))
    assert "style" in rendered(opaque, '"card" alt=""')
    clear = scene().convert("RGBA")
    clear.putalpha(100)
    assert "style" not in rendered(ready(add(encoded(clear, "PNG"))), '"card" alt=""')


def test_until_the_worker_is_done_an_outline_keeps_the_place(add):
    picture = add()
    # The elements of the finished picture, so that a live page need not replace what somebody is clicking on.
    (outer, _), (inner, image) = tags(rendered(picture, '"card" alt="A harbour"'))
    assert (outer, inner) == ("picture", "img")
    assert image["src"].startswith("data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20width='100'")
    del image["src"]
    assert image == {"width": "100", "height": "100", "alt": "A harbour", "class": "picture-pending"}


def test_a_spec_that_is_new_keeps_the_place_of_a_picture_whose_size_is_known(add, settings):
    picture = ready(add(encoded(scene(400, 200), "PNG")))
    settings.THUMBNAILS = settings.THUMBNAILS | {"SPECS": SPECS | {"new": (100, 100)}}
    _, (_, image) = tags(rendered(picture, '"new" alt=""'))
    assert (image["width"], image["height"], image["class"]) == ("100", "50", "picture-pending")


@pytest.mark.parametrize(
    ("job", "error", "told"), [("FAILED", "", "picture-failed"), ("DISCARDED", "No picture.", "picture-refused")]
)
def test_where_there_will_be_none_the_words_stand(add, job, error, told):
    add()
    Job.objects.update(state=job)
    Picture.objects.update(error=error)
    html = rendered(Picture.objects.get(), '"card" alt="A harbour"')
    assert tags(html) == [("span", {"class": told, "role": "img", "aria-label": "A harbour"})]
    assert ">A harbour</span>" in html
    assert tags(rendered(Picture.objects.get(), '"card" alt=""'))[0][1]["aria-hidden"] == "true"


def test_the_field_of_another_app_is_shown_alike(django_assert_num_queries):
    for number in range(2):
        photo = SimpleUploadedFile("a.png", encoded(scene(), "PNG")) if number else ""
        Article.objects.create(title=f"n{number}", photo=photo)
    assert "picture-pending" in rendered(Article.objects.get(title="n1").photo, '"card" alt=""')
    drain(raise_errors=True)
    articles = prefetch_pictures(Article.objects.order_by("title"), "photo")
    with django_assert_num_queries(0):
        empty, full = (rendered(each.photo, '"card" alt=""') for each in articles)
    assert empty == ""
    assert full.count("<source") == 1


def test_a_row_whose_picture_is_not_there_yet_keeps_its_place():
    Article.objects.bulk_create([Article(title="Bulk", photo="originals/bulk")])
    assert "picture-pending" in rendered(Article.objects.get().photo, '"wide" alt=""')


@pytest.mark.parametrize("arguments", ['alt=""', '"card" "wide" alt=""', '"none" alt=""', '"card"'])
def test_a_mistake_in_the_template_is_told(add, arguments):
    with pytest.raises(TemplateSyntaxError):
        rendered(add(), arguments)
    assert rendered("", '"card" alt=""') == rendered(None, '"card" alt=""') == ""


def test_nothing_but_pictures_is_taken():
    with pytest.raises(TemplateSyntaxError, match="PictureField"):
        rendered(SimpleNamespace(url="/a.png"), '"card" alt=""')
