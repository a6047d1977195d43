import RucheCore
import RucheImages
import RucheService

extension DataCite {
    /// A whole document.
    var xml: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\(element.text)\n" }

    /// The element, for documents that hold it.
    var element: Markup {
        let record = view.record
        return """
            <resource xmlns="\(Self.namespace)" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
            xsi:schemaLocation="\(Self.namespace) https://schema.datacite.org/meta/kernel-4.6/metadata.xsd">\
            <identifier identifierType="\(identifier.type)">\(identifier.text)</identifier>\
            <creators>\(view.creators.map(creatorElement))</creators>\
            <titles><title>\(view.title)</title></titles>\
            <publisher>\(view.site.publisher)</publisher>\
            <publicationYear>\(view.year)</publicationYear>\
            <resourceType resourceTypeGeneral="Software">\(resourceType)</resourceType>\
            <subjects>\(subjects.map { "<subject>\($0)</subject>" as Markup })</subjects>\
            <dates>\(dates.map(dateElement))</dates>\
            <alternateIdentifiers>\(alternates.map(alternateElement))</alternateIdentifiers>\
            <relatedIdentifiers>\(related.map(relatedElement))</relatedIdentifiers>\
            <sizes>\(sizes.map { "<size>\($0)</size>" as Markup })</sizes>\
            <formats>\(formats.map { "<format>\($0)</format>" as Markup })</formats>\
            \(record.version.map { "<version>\($0)</version>" as Markup })\
            <rightsList>\(record.license.map(rights))</rightsList>\
            <descriptions>\(descriptions.map(descriptionElement))</descriptions>\
            </resource>
            """
    }

    private func creatorElement(_ author: Recipe.Author) -> Markup {
        let orcid: Markup? = RecordView.orcid(author).map {
            "<nameIdentifier nameIdentifierScheme=\"ORCID\" schemeURI=\"https://orcid.org\">\($0)</nameIdentifier>"
        }
        let type = view.hasPeople ? "Personal" : "Organizational"
        return "<creator><creatorName nameType=\"\(type)\">\(author.name)</creatorName>\(orcid)</creator>"
    }

    private func dateElement(_ date: Date) -> Markup {
        let information: Markup? = date.information.map { " dateInformation=\"\($0)\"" }
        return "<date dateType=\"\(date.type)\"\(information)>\(date.date)</date>"
    }

    private func alternateElement(_ identifier: (text: String, type: String)) -> Markup {
        "<alternateIdentifier alternateIdentifierType=\"\(identifier.type)\">\(identifier.text)</alternateIdentifier>"
    }

    private func relatedElement(_ related: Related) -> Markup {
        """
        <relatedIdentifier relatedIdentifierType="\(related.type)" relationType="\(related.relation)">\
        \(related.identifier)</relatedIdentifier>
        """
    }

    private func rights(_ license: String) -> Markup {
        let attributes: Markup? = view.licenseURL.map {
            """
             rightsURI="\($0)" rightsIdentifier="\(license)" rightsIdentifierScheme="SPDX" \
            schemeURI="https://spdx.org/licenses/"
            """
        }
        return "<rights\(attributes)>\(license)</rights>"
    }

    private func descriptionElement(_ description: (text: String, type: String)) -> Markup {
        "<description descriptionType=\"\(description.type)\">\(description.text)</description>"
    }
}
