from mailgui.domain.dmarc_record import Policy
from mailgui.ui.domain.policy_picture import PolicyPicture

ASPECTS = (("domain", "Mail from the domain"), ("subdomain", "From its subdomains"))


def test_it_says_and_paints_what_is_in_force(show):
    picture = show(PolicyPicture(), 500, 80)
    picture.set_policies({"domain": Policy.REJECT, "subdomain": "none"}, ASPECTS)
    assert picture.rows == (
        ("Mail from the domain", Policy.REJECT),
        ("From its subdomains", Policy.NONE),
    )
    assert picture.accessibleDescription() == (
        "Mail from the domain: reject; From its subdomains: none"
    )
    before = picture.grab().toImage()
    picture.set_policies({"domain": "quarantine", "subdomain": "none"}, ASPECTS)
    assert picture.grab().toImage() != before


def test_without_dmarc_there_is_no_picture(show):
    picture = show(PolicyPicture(), 500, 80)
    picture.set_policies({"domain": None}, ASPECTS)
    assert picture.isHidden()


def test_where_it_is_narrow_the_words_stand_above_the_steps(show, theme):
    picture = show(PolicyPicture(), 500, 80)
    picture.set_policies({"domain": Policy.REJECT, "subdomain": "none"}, ASPECTS)
    roomy = picture.heightForWidth(700)
    assert picture.heightForWidth(300) > 1.5 * roomy
    theme.set_base_px(26)
    assert picture.heightForWidth(700) > 2 * roomy
    picture.resize(700, picture.heightForWidth(700))
    before = picture.grab().toImage()
    picture.set_policies({"domain": Policy.REJECT, "subdomain": "reject"}, ASPECTS)
    assert picture.grab().toImage() != before
