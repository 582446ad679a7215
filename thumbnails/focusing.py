"""The focal point of a picture, set by a click on it or by two numbers."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from thumbnails import actions
from thumbnails.pages import own

OUTSIDE = "Click on the picture itself, or give two numbers from 0 to 100."


class ClickForm(forms.Form):
    """What ``<input type="image" name="at">`` sends, with the size that it was shown in."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["at.x"] = self.fields["at.y"] = forms.IntegerField(min_value=0)
        self.fields["width"] = self.fields["height"] = forms.IntegerField(min_value=1)

    def point(self) -> tuple[float, float]:
        given = self.cleaned_data
        return given["at.x"] / given["width"], given["at.y"] / given["height"]


class NumbersForm(forms.Form):
    left = forms.FloatField(min_value=0, max_value=100)
    top = forms.FloatField(min_value=0, max_value=100)

    def point(self) -> tuple[float, float]:
        return self.cleaned_data["left"] / 100, self.cleaned_data["top"] / 100


@login_required
@require_POST
def focal_point(request: HttpRequest, pk: UUID) -> HttpResponse:
    picture = get_object_or_404(own(request.user), pk=pk)
    form = ClickForm(request.POST) if "at.x" in request.POST else NumbersForm(request.POST)
    try:
        if not form.is_valid():
            raise ValueError(form.errors)
        x, y = form.point()
        # More places are not told apart.
        actions.focus(picture.pk, round(x, 4), round(y, 4))
    except ValueError:
        messages.error(request, OUTSIDE)
    else:
        messages.success(request, f"The focal point of {picture.name} is set. What is cut to shape follows it.")
    return redirect(f"{picture.get_absolute_url()}#focal-point")
