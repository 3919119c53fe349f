"""How every form looks and speaks: labels, what is optional, errors tied to their field and listed on top."""

from django import forms


class Example(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="Ti scriviamo qui.")
    name = forms.CharField(label="Nome", required=False)
    mode = forms.ChoiceField(label="Come", choices=[("a", "Qui"), ("b", "Online")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="Ho letto")
    note = forms.CharField(widget=forms.Textarea, required=False)
    kind = forms.ChoiceField(choices=[("x", "X")])


def test_form_ties_help_and_errors_to_their_field():
    page = Example({"email": "no"}).as_div()
    assert 'aria-describedby="id_email_helptext id_email_error"' in page
    assert 'id="id_email_helptext"' in page
    assert 'id="id_email_error"' in page
    assert 'aria-invalid="true"' in page


def test_form_lists_what_to_mend_on_top_with_links():
    page = Example({"email": "no"}).as_div()
    assert page.index('role="alert"') < page.index("<input")
    assert "4 cose da controllare" in page
    for target in ("id_email", "id_mode", "id_agree", "id_kind"):
        assert f'href="#{target}' in page
    assert "error-summary" not in Example().as_div()


def test_form_marks_what_is_optional_and_labels_everything():
    page = Example().as_div()
    assert page.count("(facoltativo)") == 2
    for target in ("id_email", "id_name", "id_mode_0", "id_mode_1", "id_agree", "id_note", "id_kind"):
        assert f'for="{target}"' in page
        assert f'id="{target}"' in page
    assert "<legend>Come" in page


def test_form_values_are_escaped():
    page = Example({"email": '"><script>', "name": "<b>"}).as_div()
    assert "<script>" not in page
    assert "<b>" not in page
