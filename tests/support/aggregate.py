"""Aggregate reports for tests."""


def report_xml(domain, rows, *, report_id="r1", reporter="receiver.example"):
    """Return a report; each row is (address, count, dkim, spf, domain that SPF passed for)."""
    records = "".join(
        f"<record><row><source_ip>{address}</source_ip><count>{count}</count>"
        f"<policy_evaluated><disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf>"
        f"</policy_evaluated></row><identifiers><header_from>{domain}</header_from></identifiers>"
        f"<auth_results><spf><domain>{passed}</domain><result>pass</result></spf></auth_results>"
        "</record>"
        for address, count, dkim, spf, passed in rows
    )
    return (
        f"<feedback><report_metadata><org_name>{reporter}</org_name><report_id>{report_id}"
        "</report_id><date_range><begin>1764547200</begin><end>1764633599</end></date_range>"
        f"</report_metadata><policy_published><domain>{domain}</domain><p>none</p>"
        f"</policy_published>{records}</feedback>"
    ).encode()
